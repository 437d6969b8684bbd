package io.gemlab.experiments.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a main class in a JVM of its own, with this JVM's class path and native access. */
public final class ChildJvm {
  private static final List<String> FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "-Xmx1g");

  private ChildJvm() {}

  /**
   * How a child ended.
   *
   * @param exitCode 0 for done
   * @param lastLine the last line it wrote, for whoever has to tell why it failed
   */
  public record Ended(int exitCode, String lastLine) {}

  /** Runs it to its end. Interrupting the thread ends the child. */
  public static Ended run(Class<?> main, List<String> arguments) throws InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    try {
      Path log = Files.createTempFile("gemlab-child", ".log");
      try {
        Process child =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
          return new Ended(child.waitFor(), lastLine(log));
        } finally {
          child.destroyForcibly();
        }
      } finally {
        Files.delete(log);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("starting " + main.getSimpleName(), e);
    }
  }

  private static String lastLine(Path log) throws IOException {
    return new String(Files.readAllBytes(log), java.nio.charset.StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .reduce("", (_, last) -> last);
  }
}
