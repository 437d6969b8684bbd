package io.gemlab.experiments.ablate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.PathChoice;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.ops.Precision;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import io.gemlab.tpu.mesh.Mesh;
import io.gemlab.tpu.mesh.ShardingPlan;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What an ablation does. Every number that its report shows follows from it, the machine and the
 * version.
 *
 * @param name of the experiment, in records
 * @param question that it asks, in a sentence
 * @param preset the model that the arms vary
 * @param config keys of the config that all arms change
 * @param allowDeviation whether an attention without a place for the cap may drop it
 * @param arms what is compared; the first is the control
 * @param training absent for an ablation that trains nothing
 * @param timing absent for one that times nothing
 * @param agreement absent for one that compares no logits
 */
record AblationRecipe(
    String name,
    String question,
    String preset,
    ObjectNode config,
    boolean allowDeviation,
    List<Arm> arms,
    Optional<Training> training,
    Optional<Timing> timing,
    Optional<Agreement> agreement) {

  /**
   * A variant of the model.
   *
   * @param name unique in the recipe
   * @param attention its implementation
   * @param config keys of the config that this arm changes
   */
  record Arm(String name, String attention, ObjectNode config) {}

  /**
   * Arms trained under seeds.
   *
   * @param corpus {@code built-in}, a file or folder of text, or {@code FILE.jsonl:FIELD}
   * @param tokenizer {@code bytes} or a tokenizer's file
   * @param path where it runs
   * @param mesh how several devices of the path are arranged; empty for one
   * @param dtype the type computed in; weights and moments are float32
   * @param seeds of weights and batches; every arm runs under each
   * @param steps a run takes
   * @param batch sequences a step
   * @param length tokens a sequence
   * @param learningRate the peak of warm-up and cosine; the floor is a tenth of it
   * @param warmupSteps until the peak
   * @param weightDecay of AdamW, on all tensors; its betas are 0.9 and 0.95, its epsilon 1e-8
   * @param maxGradNorm the global norm that gradients are clipped to
   * @param validationFraction the share of the corpus, from its end, that is never trained on
   * @param validationSequences how many of its sequences are evaluated, evenly spaced over it; all
   *     where there are fewer
   * @param evaluateEvery steps between points of the validation curve
   * @param equivalenceMargin the largest difference of validation loss that does not matter, nats
   */
  record Training(
      String corpus,
      String tokenizer,
      String path,
      Optional<Mesh> mesh,
      String dtype,
      List<Long> seeds,
      int steps,
      int batch,
      int length,
      double learningRate,
      int warmupSteps,
      double weightDecay,
      double maxGradNorm,
      double validationFraction,
      int validationSequences,
      int evaluateEvery,
      double equivalenceMargin) {
    Training {
      seeds = List.copyOf(seeds);
      positive("training.steps", steps);
      positive("training.batch", batch);
      positive("training.length", length);
      positive("training.evaluate_every", evaluateEvery);
      positive("training.validation_sequences", validationSequences);
      positive("training.learning_rate", learningRate);
      positive("training.max_grad_norm", maxGradNorm);
      positive("training.equivalence_margin", equivalenceMargin);
      if (!(validationFraction > 0 && validationFraction < 1)) {
        throw new InvalidInput(
            "training.validation_fraction is "
                + validationFraction
                + "; give a fraction between 0 and 1");
      }
      if (seeds.size() < 2 || new HashSet<>(seeds).size() < seeds.size()) {
        throw new InvalidInput(
            "training.seeds is "
                + seeds
                + "; give at least 2 different ones, better 3: one says nothing about chance");
      }
      new PathChoice(Choices.path(path), mesh);
      dtype = Choices.precision(dtype).label();
    }

    /** The path of a model's training. */
    ExecutionPath path(Gemma2Config config) {
      return new PathChoice(Choices.path(path), mesh).of(() -> config);
    }
  }

  /**
   * Forward pass and training step of arms on paths at lengths, each in a JVM of its own.
   *
   * @param arms names of the arms timed
   * @param paths where
   * @param dtype the type computed in
   * @param batch sequences
   * @param lengths tokens a sequence
   * @param samples timed calls of each function, after two that are not
   */
  record Timing(
      List<String> arms,
      List<String> paths,
      String dtype,
      int batch,
      List<Integer> lengths,
      int samples) {
    Timing {
      arms = List.copyOf(arms);
      paths = List.copyOf(paths);
      lengths = List.copyOf(lengths);
      positive("timing.batch", batch);
      for (int length : lengths) {
        if (length < 2) {
          throw new InvalidInput(
              "timing.lengths has "
                  + length
                  + "; give 2 or more: one token has none to learn from");
        }
      }
      if (samples < MedianEstimate.LEAST_SAMPLES) {
        throw new InvalidInput(
            "timing.samples is " + samples + "; give " + MedianEstimate.LEAST_SAMPLES + " or more");
      }
      paths.forEach(Choices::path);
      dtype = Choices.precision(dtype).label();
      if (arms.isEmpty() || paths.isEmpty() || lengths.isEmpty()) {
        throw new InvalidInput(
            "timing has no arms, paths or lengths; give one or leave timing out");
      }
    }
  }

  /**
   * Logits of one set of weights, by every path and by the attentions of all arms.
   *
   * @param paths the first is the reference's
   * @param dtypes the first is the reference's
   * @param rows of the batch compared
   * @param length of its rows
   */
  record Agreement(List<String> paths, List<String> dtypes, int rows, int length) {
    Agreement {
      paths = List.copyOf(paths);
      dtypes = dtypes.stream().map(Choices::precision).map(Precision::label).distinct().toList();
      if (paths.isEmpty() || dtypes.isEmpty()) {
        throw new InvalidInput("agreement has no paths or dtypes; give one or leave it out");
      }
      positive("agreement.rows", rows);
      positive("agreement.length", length);
      paths.forEach(Choices::path);
    }
  }

  AblationRecipe {
    arms = List.copyOf(arms);
    if (arms.size() < 2) {
      throw new InvalidInput("arms has " + arms.size() + "; give two or more, the control first");
    }
    Set<String> names = new HashSet<>();
    for (Arm arm : arms) {
      if (arm.name().isBlank() || !names.add(arm.name())) {
        throw new InvalidInput(
            "arms has two named " + InvalidInput.shown(arm.name()) + "; give each its own name");
      }
      Choices.attention(arm.attention());
    }
    for (Arm arm : arms) requireFits(modelConfig(config, preset, arm), training);
    timing.ifPresent(
        timed ->
            timed
                .arms()
                .forEach(
                    arm -> {
                      if (!names.contains(arm)) {
                        throw io.gemlab.graph.base.input.NearestName.unknown(
                            "timing.arms:", arm, names);
                      }
                    }));
  }

  private static void requireFits(Gemma2Config model, Optional<Training> training) {
    training.ifPresent(
        what ->
            what.mesh()
                .ifPresent(
                    mesh ->
                        ShardingPlan.require(
                            model, mesh, OptionalInt.of(what.batch()), mesh.devices())));
  }

  /** All paths that anything runs on. */
  List<ExecutionPath> paths() {
    Set<ExecutionPath> paths = new LinkedHashSet<>();
    training.ifPresent(what -> paths.add(what.path(modelConfig(control()))));
    timing.ifPresent(what -> what.paths().forEach(path -> paths.add(Choices.path(path))));
    agreement.ifPresent(what -> what.paths().forEach(path -> paths.add(Choices.path(path))));
    return List.copyOf(paths);
  }

  /** The arm that all others are compared with. */
  Arm control() {
    return arms.getFirst();
  }

  /** An arm by its name. */
  Arm arm(String armName) {
    return arms.stream().filter(arm -> arm.name().equals(armName)).findFirst().orElseThrow();
  }

  /** The arm's architecture. */
  Gemma2Config modelConfig(Arm arm) {
    return modelConfig(config, preset, arm);
  }

  /** The arm's ops. */
  OpChoice ops(Arm arm) {
    return new OpChoice(Choices.attention(arm.attention()), allowDeviation);
  }

  /** The arm's model, computing in {@code precision}. */
  Gemma2Model<?> model(Arm arm, Precision precision) {
    return new Gemma2Model<>(modelConfig(arm), ops(arm), precision.type());
  }

  private static Gemma2Config modelConfig(ObjectNode shared, String preset, Arm arm) {
    ObjectNode json = Gemma2Presets.json(preset);
    String where = "arm " + InvalidInput.shown(arm.name());
    ConfigJson.change(json, shared, where);
    ConfigJson.change(json, arm.config(), where);
    return ConfigJson.read(json, where);
  }

  private static void positive(String key, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new InvalidInput(key + " is " + value + "; give a number above 0");
    }
  }
}
