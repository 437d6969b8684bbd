package io.gemlab.experiments.distill.study;

import io.gemlab.graph.gemma2.ModelFlops.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Students of one size, by {@code gemlab ablate}: each arm at the learning rate it is tuned to. */
final class OfflineStudy {
  static final String SCRATCH = "from scratch";
  static final String LONG = "from scratch at equal FLOPs";
  static final String DISTILLED = "distilled";
  static final String LABEL_SMOOTHING = "label smoothing";
  static final String SMOOTHED = "smoothed teacher";
  static final String SHUFFLED = "shuffled teacher";

  static final int LENGTH = 64;
  private static final int BATCH = 8;
  static final int STEPS = 300;
  private static final String RATES = "[8.0e-3, 1.6e-2, 3.2e-2, 6.4e-2]";

  private final Path folder;
  private final Teachers teachers;

  OfflineStudy(Path folder, Teachers teachers) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.teachers = teachers;
  }

  /** A recipe of {@code gemlab train} for what the control is, alone. */
  static String alone(Size size) {
    return """
    preset: tiny
    config: %s
    training:
      {path: graph, batch: %d, length: %d, steps: %d, warmup_steps: %d,
       decay_norms: true, decay_embedding: true, diagnose_every: 0, evaluate_every: %4$d}
    checkpoints: {every: %4$d, keep: 1}
    samples: {prompts: []}
    """
        .formatted(size.changes(), BATCH, LENGTH, STEPS, STEPS / 8);
  }

  /**
   * Steps from labels alone that take the FLOPs of the distilled ones, the teacher's among them.
   */
  static int equalSteps(Size size) {
    double own = size.flops(Pass.TRAINING, LENGTH);
    return (int) Math.round(STEPS * (own + Size.teachersFlops(LENGTH)) / own);
  }

  private String recipe(Size size) throws IOException {
    int more = equalSteps(size);
    List<String> arms = new ArrayList<>();
    arms.add(arm(SCRATCH, ""));
    arms.add(arm(LONG, "steps: %d, warmup_steps: %d".formatted(more, more / 8)));
    arms.add(arm(DISTILLED, "teacher: " + teachers.of(LENGTH)));
    arms.add(arm(LABEL_SMOOTHING, "label_smoothing: " + Teachers.SMOOTHING));
    arms.add(arm(SMOOTHED, "teacher: " + teachers.smoothed()));
    arms.add(arm(SHUFFLED, "teacher: " + teachers.shuffled()));
    return """
        name: distillation
        question: Does distillation help a student of %s parameters, and is it the teacher?
        preset: tiny
        config: %s
        arms:
        %s
        training:
          path: graph
          batch: %d
          length: %d
          steps: %d
          warmup_steps: %d
          evaluate_every: %d
          validation_fraction: %s
          validation_sequences: 512
          seeds: [1, 2, 3, 4, 5, 6, 7, 8]
        tune: {learning_rate: %s, seeds: [11]}
        """
        .formatted(
            size.label(),
            size.changes(),
            String.join("\n", arms),
            BATCH,
            LENGTH,
            STEPS,
            STEPS / 8,
            STEPS / 3,
            Teachers.VALIDATION,
            RATES);
  }

  private static String arm(String name, String training) {
    return "  - {name: \"%s\", attention: eager, training: {%s}}".formatted(name, training);
  }

  /** Trains what is not trained yet; answers the records, tuning runs among them. */
  List<Offline> students(Size size) throws IOException {
    Path out = folder.resolve(size.name().toLowerCase(Locale.ROOT));
    Path recipe = folder.resolve(size.name().toLowerCase(Locale.ROOT) + ".yaml");
    Files.writeString(recipe, recipe(size));
    List<Object> words = new ArrayList<>(List.of("ablate", recipe, "--out", out));
    if (Files.exists(out)) words.add("--resume");
    Commands.run(words);
    return Files.readAllLines(out.resolve("tuning.csv")).stream()
        .skip(1)
        .map(line -> Offline.of(size.label() + "," + line))
        .collect(Collectors.toList());
  }
}
