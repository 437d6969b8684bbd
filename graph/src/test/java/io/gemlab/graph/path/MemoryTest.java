package io.gemlab.graph.path;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.attention.BlockwiseAttention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Training holds no more memory after many steps than after some. Each path trains in a Java of its
 * own, whose heap is whole from the start and whose compiler is the simple one, so that what grows
 * is TensorFlow's.
 */
@EnabledOnOs(OS.LINUX)
public class MemoryTest {
  /** A leak of 5 kB a step shows in 400 steps; the embedding has 33 kB, a step's state 330 kB. */
  private static final long MOST_GROWTH_KB = 2_000;

  @ParameterizedTest
  @CsvSource({
    "clustered, 100, 500, java.base",
    "clustered, 100, 500, jdk.incubator.vector", // with kernels of ours
    "eager, 20, 60, java.base"
  })
  void stepsHoldTheirMemory(String path, int warmUp, int steps, String module)
      throws IOException, InterruptedException {
    requireFlat(Training.class, path, warmUp, steps, "--add-modules=" + module);
  }

  /**
   * Runs a main class that trains on a path and prints its memory, and fails where it grows.
   *
   * @param main takes the path, the steps to warm up, and all steps
   * @param options of Java's, besides
   */
  public static void requireFlat(
      Class<?> main, String path, int warmUp, int steps, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:+AlwaysPreTouch",
            "-XX:TieredStopAtLevel=1",
            "-Xms128m",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            path,
            String.valueOf(warmUp),
            String.valueOf(steps)));
    ProcessBuilder java =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    java.environment().put("MALLOC_ARENA_MAX", "2"); // glibc's arenas grow with its threads
    Process process = java.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor());
    String[] kilobytes = output.trim().split(" ");
    long grown = Long.parseLong(kilobytes[1]) - Long.parseLong(kilobytes[0]);
    assertTrue(grown < MOST_GROWTH_KB, path + " grew by " + grown + " kB");
  }

  /** What the other Java runs; prints its anonymous memory after warming up and at the end. */
  public static final class Training {
    private static final Map<String, ExecutionPath> PATHS =
        Map.of("clustered", new ClusteredPath(), "eager", new EagerPath());

    private Training() {}

    public static void main(String[] args) throws IOException {
      run(PATHS.get(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    }

    /** Trains; prints its anonymous memory after warming up and at the end. */
    public static void run(ExecutionPath path, int warmUp, int steps) throws IOException {
      GraphFunction step = SmallTraining.step(BlockwiseAttention.auto());
      try (Executable executable = path.load(List.of(step))) {
        SmallTraining.initialize(step, executable);
        train(executable, 0, warmUp);
        long before = anonymousKilobytes();
        train(executable, warmUp, steps);
        System.out.println(before + " " + anonymousKilobytes());
      }
    }

    private static void train(Executable executable, int from, int to) {
      for (int i = from; i < to; i++) {
        executable.run(SmallTraining.STEP, SmallTraining.arguments(i)).close();
        executable.read(WeightSpec.EMBEDDING).close();
      }
    }

    private static long anonymousKilobytes() throws IOException {
      System.gc();
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("RssAnon:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }
}
