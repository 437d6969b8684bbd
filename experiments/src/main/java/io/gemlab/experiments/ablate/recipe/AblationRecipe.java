package io.gemlab.experiments.ablate.recipe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.LossSpec;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.recipe.OptimizerSpec;
import io.gemlab.experiments.recipe.PathChoice;
import io.gemlab.experiments.recipe.Require;
import io.gemlab.experiments.recipe.ScheduleSpec;
import io.gemlab.experiments.recipe.ValidationSpec;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.ops.Precision;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;

/**
 * What an ablation does. Every number that its report shows follows from it, the machine and the
 * version.
 *
 * @param name of the experiment, in records
 * @param question that it asks, in a sentence
 * @param pilot whether it is a trial run, which one arm or one seed is enough for, and which draws
 *     no conclusion
 * @param checkpoint the folder of the weights that all arms begin with; empty where they are fresh
 * @param arms what is compared; the first is the control
 * @param training what arms share, unless they say otherwise; absent for an ablation that trains
 *     nothing
 * @param tuning how each arm gets its learning rate; absent where the recipe gives it
 * @param timing absent for one that times nothing
 * @param agreement absent for one that compares no logits
 */
public record AblationRecipe(
    String name,
    String question,
    boolean pilot,
    Optional<Path> checkpoint,
    List<Arm> arms,
    Optional<Training> training,
    Optional<Tuning> tuning,
    Optional<Timing> timing,
    Optional<Agreement> agreement) {

  /**
   * A variant of the model.
   *
   * @param name unique in the recipe
   * @param model the variant; what runs it says in which precision
   * @param changes keys of the config that this arm changes, and what to
   * @param trained how it is trained; absent for an ablation that trains nothing
   */
  public record Arm(String name, ModelSpec model, ObjectNode changes, Optional<Trained> trained) {

    /**
     * What its config is made of.
     *
     * @param model what a report calls the model
     * @param base the model's config
     * @param shared keys that all arms change
     * @param own keys that this arm changes
     */
    record Changes(String model, ObjectNode base, ObjectNode shared, ObjectNode own) {}

    /**
     * How it is trained.
     *
     * @param training the recipe's, with what the arm changes
     * @param settings the same by the recipe's keys
     */
    public record Trained(Training training, ObjectNode settings) {
      private Trained withSteps(int steps) {
        return new Trained(training.withSteps(steps), settings);
      }

      private Trained at(double learningRate) {
        return new Trained(
            training.at(learningRate),
            settings.deepCopy().put(ScheduleSpec.LEARNING_RATE.name(), learningRate));
      }
    }

    /** An arm of a model. */
    static Arm of(String name, OpChoice ops, Changes changes, Optional<Trained> trained) {
      ObjectNode json = changes.base().deepCopy();
      String where = "arm " + InvalidInput.shown(name);
      ConfigJson.change(json, changes.shared(), where);
      ConfigJson.change(json, changes.own(), where);
      Gemma2Config config = ConfigJson.read(json, where);
      return new Arm(
          name,
          new ModelSpec(changes.model(), config, ops, Precision.FLOAT32),
          changes.own(),
          trained);
    }

    /** How it is trained; only where the ablation trains. */
    public Training training() {
      return trained.orElseThrow().training();
    }

    public Gemma2Config config() {
      return model.config();
    }

    /** FLOPs that the architecture asks for in one of its training steps. */
    public double flopsAStep() {
      DataSpec data = training().data();
      return ModelFlops.of(config(), ModelFlops.Pass.TRAINING, data.batch(), data.length());
    }

    /** The same, and what the teacher's forward pass over the step's tokens counts for. */
    public double flopsAStepWithTeacher() {
      double ofTeacher = training().taught().map(Taught::flopsAToken).orElse(0.0);
      return flopsAStep() + ofTeacher * training().data().tokens();
    }

    /** The same arm, trained for another number of steps. */
    Arm withSteps(int steps) {
      return new Arm(name, model, changes, trained.map(what -> what.withSteps(steps)));
    }

    /** The same arm, trained at another learning rate. */
    public Arm at(double learningRate) {
      return new Arm(name, model, changes, trained.map(what -> what.at(learningRate)));
    }

    /** Its model, computing in {@code precision}. */
    public Gemma2Model<?> in(Precision precision) {
      return model.withPrecision(precision).model();
    }
  }

  /**
   * Arms trained under seeds.
   *
   * @param data what they train on
   * @param path where it runs
   * @param precision the type computed in; weights and moments are float32
   * @param initializerRange the standard deviation of fresh weights
   * @param seeds of fresh weights and of the order of the data; every arm runs under each
   * @param schedule how long, and the learning rate
   * @param optimizer how gradients change weights
   * @param labels what is minimised where nobody teaches
   * @param taught who teaches; empty where nobody does
   * @param validation what is measured
   * @param equivalenceMargin the largest difference of validation loss that does not matter, nats
   * @param basis what all arms are trained with the same amount of
   */
  public record Training(
      DataSpec data,
      PathChoice path,
      Precision precision,
      double initializerRange,
      List<Long> seeds,
      ScheduleSpec schedule,
      OptimizerSpec optimizer,
      LossSpec labels,
      Optional<Taught> taught,
      ValidationSpec validation,
      double equivalenceMargin,
      Basis basis) {
    public Training {
      seeds = List.copyOf(seeds);
      Require.positive("initializer_range", initializerRange);
      Require.positive("equivalence_margin", equivalenceMargin);
      if (seeds.isEmpty() || new HashSet<>(seeds).size() < seeds.size()) {
        throw tooFewSeeds(seeds);
      }
      if (taught.isPresent()) labels.requirePlain();
    }

    /** Steps of a run. */
    public int steps() {
      return schedule.steps();
    }

    /** The same, of another number of steps, of which the warm-up keeps its share. */
    private Training withSteps(int steps) {
      return with(schedule.withSteps(steps));
    }

    /** The same, at another learning rate. */
    private Training at(double learningRate) {
      return with(schedule.withLearningRate(learningRate));
    }

    private Training with(ScheduleSpec other) {
      return new Training(
          data,
          path,
          precision,
          initializerRange,
          seeds,
          other,
          optimizer,
          labels,
          taught,
          validation,
          equivalenceMargin,
          basis);
    }

    /** Tokens that a run is trained on, those of a later epoch counted again. */
    public double tokens() {
      return (double) steps() * data.tokens();
    }

    /** All that shapes a run of it, but the text, the arm and the seed. */
    public ObjectNode settings() {
      ObjectNode settings = data.json();
      settings.put("path", path.path().label()).put("initializer_range", initializerRange);
      path.mesh().ifPresent(mesh -> settings.put("mesh", mesh.toString()));
      settings.setAll(schedule.json());
      settings.setAll(optimizer.json());
      settings.setAll(labels.json());
      taught.ifPresent(what -> settings.set("teacher", what.teacher().json()));
      settings.setAll(validation.json());
      return settings;
    }
  }

  private static InvalidInput tooFewSeeds(List<Long> seeds) {
    return new InvalidInput(
        "seeds is "
            + seeds
            + "; give at least 2 different ones, better 3: one says nothing about chance (pilot:"
            + " true allows it)");
  }

  /**
   * Forward pass and training step of arms on paths at lengths, each in a JVM of its own.
   *
   * @param arms names of the arms timed
   * @param paths where
   * @param precision the type computed in
   * @param batch sequences
   * @param lengths tokens a sequence
   * @param samples turns of timed calls of each program, after calls that warm up
   */
  public record Timing(
      List<String> arms,
      List<ExecutionPath> paths,
      Precision precision,
      int batch,
      List<Integer> lengths,
      int samples) {
    public Timing {
      arms = List.copyOf(arms);
      paths = List.copyOf(paths);
      lengths = List.copyOf(lengths);
      Require.positive("batch", batch);
      for (int length : lengths) {
        if (length < 2) {
          throw new InvalidInput(
              "lengths has " + length + "; give 2 or more: one token has none to learn from");
        }
      }
      if (samples < MedianEstimate.LEAST_SAMPLES) {
        throw new InvalidInput(
            "samples is " + samples + "; give " + MedianEstimate.LEAST_SAMPLES + " or more");
      }
      if (arms.isEmpty() || paths.isEmpty() || lengths.isEmpty()) {
        throw new InvalidInput("there are no arms, paths or lengths; give one or leave it out");
      }
    }
  }

  /**
   * Logits of one set of weights, by every path and by the attentions of all arms.
   *
   * @param paths the first is the reference's
   * @param precisions the first is the reference's
   * @param rows of the batch compared
   * @param length of its rows
   */
  public record Agreement(
      List<ExecutionPath> paths, List<Precision> precisions, int rows, int length) {
    public Agreement {
      paths = List.copyOf(paths);
      precisions = precisions.stream().distinct().toList();
      if (paths.isEmpty() || precisions.isEmpty()) {
        throw new InvalidInput("there are no paths or dtypes; give one or leave it out");
      }
      Require.positive("rows", rows);
      Require.positive("length", length);
    }
  }

  public AblationRecipe {
    arms = List.copyOf(arms);
    if (arms.isEmpty() || (arms.size() < 2 && !pilot)) {
      throw new InvalidInput(
          "arms has "
              + arms.size()
              + "; give two or more, the control first (pilot: true allows one)");
    }
    if (training.isPresent() && training.get().seeds().size() < 2 && !pilot) {
      throw new InvalidInput("training: " + tooFewSeeds(training.get().seeds()).getMessage());
    }
    Set<String> names = new HashSet<>();
    for (Arm arm : arms) {
      if (arm.name().isBlank() || !names.add(arm.name())) {
        throw new InvalidInput(
            "arms has two named " + InvalidInput.shown(arm.name()) + "; give each its own name");
      }
      arm.trained()
          .map(Arm.Trained::training)
          .ifPresent(what -> what.path().requireFits(arm.config(), what.data().batch()));
    }
    tuning.ifPresent(what -> requireApart(what.seeds(), training.map(Training::seeds)));
    for (String arm : timing.map(Timing::arms).orElse(List.of())) {
      if (!names.contains(arm)) throw NearestName.unknown("timing.arms:", arm, names);
    }
  }

  private static void requireApart(List<Long> tuning, Optional<List<Long>> confirming) {
    if (confirming.isEmpty()) {
      throw new InvalidInput("there is tune and no training; give the recipe training: {} too");
    }
    for (long seed : tuning) {
      if (!confirming.get().contains(seed)) continue;
      throw new InvalidInput(
          "tune: seeds has %d, which is one of training's; what is chosen under a seed is confirmed under others"
              .formatted(seed));
    }
  }

  /** The same recipe, with the learning rates that tuning chose, by the arms' names. */
  public AblationRecipe withChosen(Map<String, Double> rates) {
    return new AblationRecipe(
        name,
        question,
        pilot,
        checkpoint,
        arms.stream()
            .map(arm -> rates.containsKey(arm.name()) ? arm.at(rates.get(arm.name())) : arm)
            .toList(),
        training,
        tuning.map(what -> what.withChosen(rates)),
        timing,
        agreement);
  }

  /** Whether it is known at which learning rate an arm is compared. */
  public boolean hasRate(Arm arm) {
    return tuning.isEmpty() || tuning.get().chosen().containsKey(arm.name());
  }

  /** What the arms that are trained are trained with the same amount of. */
  public Basis basis() {
    return training.map(Training::basis).orElse(Basis.STEPS);
  }

  /**
   * The same recipe, each arm trained for as many steps as take what the control's take, to the
   * nearest step.
   *
   * @param ofAStep what a step of an arm takes; empty where that is not known, and the arm keeps
   *     its steps
   * @throws InvalidInput if an arm would take less than a step
   */
  public AblationRecipe withEqual(Function<Arm, OptionalDouble> ofAStep) {
    OptionalDouble control = ofAStep.apply(control());
    if (control.isEmpty()) return this;
    double all = control.getAsDouble() * control().training().steps();
    List<Arm> fixed =
        arms.stream()
            .map(
                arm -> {
                  OptionalDouble own = ofAStep.apply(arm);
                  return own.isPresent() ? arm.withSteps(steps(arm, all / own.getAsDouble())) : arm;
                })
            .toList();
    return new AblationRecipe(
        name, question, pilot, checkpoint, fixed, training, tuning, timing, agreement);
  }

  private int steps(Arm arm, double steps) {
    if (steps >= 1 && steps < Integer.MAX_VALUE) return Math.toIntExact(Math.round(steps));
    throw new InvalidInput(
        "basis %s: arm %s would take %s steps for the %s of the control's %d; give other steps, or another batch or length"
            .formatted(
                basis().label(),
                InvalidInput.shown(arm.name()),
                Numbers.significant(steps, 2),
                basis().noun(),
                control().training().steps()));
  }

  /** All paths that anything runs on. */
  public List<ExecutionPath> paths() {
    Set<ExecutionPath> paths = new LinkedHashSet<>();
    if (training.isPresent()) {
      arms.forEach(arm -> paths.add(arm.training().path().of(arm::config)));
    }
    timing.ifPresent(what -> paths.addAll(what.paths()));
    agreement.ifPresent(what -> paths.addAll(what.paths()));
    return List.copyOf(paths);
  }

  /** Whether the losses of all arms are over the same tokens. */
  public boolean haveOneText() {
    return arms.stream()
            .map(Arm::training)
            .map(
                what ->
                    List.of(
                        what.data().corpus(),
                        what.data().tokenizer(),
                        what.validation().fraction(),
                        what.validation().sequences()))
            .distinct()
            .count()
        == 1;
  }

  /** The arm that all others are compared with. */
  public Arm control() {
    return arms.getFirst();
  }

  /** An arm by its name. */
  public Arm arm(String armName) {
    return arms.stream().filter(arm -> arm.name().equals(armName)).findFirst().orElseThrow();
  }
}
