package io.gemlab.experiments.distill.study;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.experiments.cli.Gemlab;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The commands that a user has. */
final class Commands {
  private Commands() {}

  static void run(List<?> words) {
    Gemlab run = Gemlab.run(words.toArray());
    assertEquals(0, run.exitCode(), () -> words + System.lineSeparator() + run.err());
  }

  /** Trains, unless that was done; answers the checkpoint. */
  static Path train(Path recipe, Path out, List<String> changes) {
    Path last = out.resolve("checkpoints/last");
    if (out.resolve("report.html").toFile().exists()) return last;
    List<Object> words = new ArrayList<>(List.of("train", recipe, "--out", out));
    if (out.toFile().exists()) words.add("--resume");
    for (String change : changes) words.addAll(List.of("--set", change));
    run(words);
    return last;
  }
}
