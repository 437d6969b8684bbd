package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies that {@code gemlab train} makes, merged by {@code gemlab merge}, and on from there. */
class WarpOfRunsTest {
  private static final String TRAIN =
      """
      checkpoint: none
      training:
        corpus: %s
        batch: 2
        length: 16
        steps: 3
        warmup_steps: 1
        learning_rate: 1.0e-2
        ema_decay: 0.5
        diagnose_every: 0
        path: graph
        validation_sequences: 4
        evaluate_every: 3
      checkpoints: {every: 3, keep: 1}
      samples: {prompts: []}
      """;

  @TempDir Path folder;

  private Path recipe;

  @Test
  void runningMeansOfRunsAreMergedAndTheNextIterationBeginsThere() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "To be, or not to be. ".repeat(36));
    recipe = Files.writeString(folder.resolve("train.yaml"), TRAIN.formatted(text));
    Path init = SmallModel.checkpoint(folder);
    Path front = folder.resolve("front");
    train(init, "one");
    merge(front, init, "one/checkpoints/last/ema", "one/checkpoints/last");

    Path point = front.resolve("eta-0.3");
    train(point, "two");
    Path next = folder.resolve("next");
    merge(next, point, "two/checkpoints/last/ema", "two/checkpoints/last");
    HfCheckpoint.open(next.resolve("eta-1")).close();

    train(init, "adapted", "lora.rank=2");
    merge(folder.resolve("adapters"), init, init + "+adapted/checkpoints/last/ema");
  }

  @Test
  void aRunsFolderIsNoModel() throws IOException {
    Path init = SmallModel.checkpoint(folder);
    Path last = Files.createDirectories(folder.resolve("run/checkpoints/last"));
    Gemlab run = Gemlab.run("merge", warp(init, "run"), folder.resolve("front"));
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("name a checkpoint in it, such as " + last), run.err());
  }

  private void train(Path init, String name, String... changes) {
    Object[] arguments = new Object[6 + 2 * changes.length];
    arguments[0] = "train";
    arguments[1] = recipe;
    arguments[2] = "--out";
    arguments[3] = folder.resolve(name);
    arguments[4] = "--set";
    arguments[5] = "checkpoint=" + init;
    for (int i = 0; i < changes.length; i++) {
      arguments[6 + 2 * i] = "--set";
      arguments[7 + 2 * i] = changes[i];
    }
    Gemlab run = Gemlab.run(arguments);
    assertEquals(0, run.exitCode(), run.err());
  }

  private void merge(Path out, Path init, String... policies) throws IOException {
    Gemlab run = Gemlab.run("merge", warp(init, policies), out, "--verify");
    assertEquals(0, run.exitCode(), run.err());
  }

  /** Policies are named from beside the recipe. */
  private Path warp(Path init, String... policies) throws IOException {
    StringBuilder text =
        new StringBuilder("merge_method: warp\nbase_model: " + init + "\nmodels:\n");
    for (String policy : policies) text.append("  - model: ").append(policy).append('\n');
    text.append("parameters: {eta: [0.3, 1]}\n");
    return Files.writeString(folder.resolve("warp.yml"), text);
  }
}
