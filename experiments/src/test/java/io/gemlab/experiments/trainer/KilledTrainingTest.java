package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SilentMonitor;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training run whose process is killed twenty times, in each of its epochs, ends with the bits of
 * one that is not: while it steps, evaluates, generates, copies its state and writes checkpoints.
 */
@Tag("slow")
final class KilledTrainingTest {
  private static final int KILLS = 20;
  private static final int STEPS = 66;

  /** Three epochs and a half: 42 sequences of 16 tokens are trained on, 2 a step. */
  private static final String RECIPE =
      """
      preset: tiny
      config: {num_hidden_layers: 2, hidden_size: 32, intermediate_size: 64, head_dim: 8}
      training:
        corpus: %s
        batch: 2
        length: 16
        accumulate: 2
        steps: %d
        warmup_steps: 5
        path: graph
        validation_sequences: 4
        evaluate_every: 5
      checkpoints: {every: 2, keep: 2}
      samples: {prompts: ["To be"], new_tokens: 5}
      """;

  @TempDir private Path folder;

  @Test
  void endsWithTheSameBits() throws IOException, InterruptedException {
    Path text = Files.writeString(folder.resolve("text.txt"), "To be, or not to be. ".repeat(36));
    Path recipe = Files.writeString(folder.resolve("recipe.yaml"), RECIPE.formatted(text, STEPS));
    Path whole = folder.resolve("whole");
    train(recipe, whole, false, new SilentMonitor());

    Path killed = folder.resolve("killed");
    Random random = new Random(1);
    for (int kill = 0; kill < KILLS; kill++) {
      killOne(recipe, killed, 1 + kill * (STEPS - 3) / KILLS, random.nextInt(60));
    }
    train(recipe, killed, true, new SilentMonitor());

    assertEquals(TrainRunTest.numbers(whole), TrainRunTest.numbers(killed));
    for (String file : List.of("model.safetensors", "training/state.safetensors")) {
      Path path = Path.of("checkpoints/last").resolve(file);
      assertEquals(-1, Files.mismatch(whole.resolve(path), killed.resolve(path)), file);
    }
    try (var left = Files.walk(killed)) {
      assertEquals(
          List.of(),
          left.map(file -> file.getFileName().toString())
              .filter(name -> name.contains(".partial-") || name.startsWith("damaged-"))
              .toList());
    }
  }

  /** Goes on in a process, and kills it so long after so many steps are done. */
  private void killOne(Path recipe, Path out, int step, int millis)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Files.deleteIfExists(log);
    Process process =
        JavaProcess.of(
                KilledTrainingTest.class,
                List.of("-Xmx1g"),
                List.of(recipe.toString(), out.toString()),
                log)
            .start();
    try {
      while (process.isAlive() && reached(log) < step) Thread.sleep(2);
      Thread.sleep(millis);
      assertTrue(process.isAlive(), () -> "the kill after step " + step + " came too late");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static int reached(Path log) throws IOException {
    if (!Files.exists(log)) return 0;
    return Files.readAllLines(log).stream()
        .filter(line -> line.matches("done \\d+"))
        .mapToInt(line -> Integer.parseInt(line.substring(5)))
        .max()
        .orElse(0);
  }

  /** The process that is killed. */
  public static void main(String[] arguments) throws IOException {
    JavaProcess.endWithParent();
    Path out = Path.of(arguments[1]);
    train(Path.of(arguments[0]), out, Files.exists(out.resolve("recipe.yaml")), new Slow());
  }

  private static void train(Path recipe, Path out, boolean resume, RunMonitor monitor)
      throws IOException {
    try (TrainRun run =
        TrainRun.of(recipe, List.of(), out, resume, Provenance.getDefaultInstance())) {
      run.run(monitor);
    }
  }

  /** Says how far it is, and takes its time, so that the kill comes while it does something. */
  private static final class Slow extends SilentMonitor {
    private long done;

    @Override
    public void worked(long units) {
      done += units;
      System.out.println("done " + done);
      try {
        Thread.sleep(15);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
