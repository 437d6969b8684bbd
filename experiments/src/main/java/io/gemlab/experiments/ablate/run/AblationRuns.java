package io.gemlab.experiments.ablate.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Agreement;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Timing;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Training;
import io.gemlab.experiments.ablate.recipe.Factors;
import io.gemlab.experiments.recipe.Level;
import io.gemlab.experiments.recipe.PathChoice;
import io.gemlab.experiments.run.MemoryGuard;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunSettings;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Factor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The runs that an ablation records, by kind, each with the settings that shape it alone. */
public record AblationRuns(AblationRecipe recipe) {
  public static final String TUNING = "tuning";
  public static final String TRAINING = "training";
  public static final String STEP = "step";
  public static final String TIMING = "timing";
  public static final String AGREEMENT = "agreement";

  /**
   * All that the recipe asks for, in the order in which they are made. What an arm's learning rate
   * shapes is not asked for before that is chosen.
   */
  public List<Run> all() {
    List<Run> all = new ArrayList<>(tuning());
    recipe
        .training()
        .ifPresent(
            _ ->
                recipe.arms().stream()
                    .filter(recipe::hasRate)
                    .forEach(arm -> all.addAll(training(arm))));
    all.addAll(steps());
    recipe.timing().ifPresent(timing -> all.addAll(timing(timing)));
    all.addAll(agreement());
    return all;
  }

  /** What is left of it without some kinds. */
  public List<Run> without(Set<String> kinds) {
    return all().stream().filter(run -> !kinds.contains(run.kind())).toList();
  }

  /** Whether a run is the one whose weights are kept: the control's under the first seed. */
  public boolean leavesWeights(String id) {
    return recipe.training().isPresent() && training(recipe.control()).getFirst().id().equals(id);
  }

  /**
   * Checks that each run has a name of its own.
   *
   * @throws InvalidInput if arms are named so alike that their records would have one name
   */
  public void requireDistinctNames() {
    Map<String, Run> byId = new HashMap<>();
    for (Run run : all()) {
      Run other = byId.putIfAbsent(run.id(), run);
      if (other == null) continue;
      throw new InvalidInput(
          "arms %s and %s, or one listed twice, have records of one name, %s; name them otherwise"
              .formatted(InvalidInput.shown(other.arm()), InvalidInput.shown(run.arm()), run.id()));
    }
  }

  /** The runs that arms are tuned by. */
  public List<Run> tuning() {
    return recipe.arms().stream()
        .flatMap(arm -> tried(arm).stream().flatMap(at -> tuning(at).stream()))
        .toList();
  }

  /** An arm at each learning rate that it is tried at; none where nothing is tuned. */
  List<Arm> tried(Arm arm) {
    return recipe
        .tuning()
        .map(tuning -> tuning.learningRates().stream().map(arm::at).toList())
        .orElse(List.of());
  }

  /** The tuning runs of an arm at the rate that it has, in the order of the seeds. */
  List<Run> tuning(Arm at) {
    String rate = Level.of(at.training().schedule().learningRate().peak());
    return recipe.tuning().orElseThrow().seeds().stream()
        .map(
            seed ->
                run(
                    TUNING,
                    at,
                    seed,
                    List.of(Records.factor(RunView.TRIED, rate)),
                    trainedFrom(trained(at, seed), at.training()),
                    rate,
                    "seed-" + seed))
        .toList();
  }

  /** The training runs of an arm, in the order of the seeds. */
  List<Run> training(Arm arm) {
    return arm.training().seeds().stream().map(seed -> training(arm, seed)).toList();
  }

  private Run training(Arm arm, long seed) {
    return run(
        TRAINING,
        arm,
        seed,
        Factors.ofTraining(recipe, arm),
        trainedFrom(trained(arm, seed), arm.training()),
        "seed-" + seed);
  }

  private RunSettings trainedFrom(ObjectNode settings, Training training) {
    return new RunSettings(
        settings, Optional.of(training.data()), recipe.checkpoint(), teacher(training));
  }

  private static Optional<Path> teacher(Training training) {
    return training.taught().map(what -> what.teacher().file());
  }

  private ObjectNode trained(Arm arm, long seed) {
    Training training = arm.training();
    ObjectNode settings = training.settings().put("seed", seed);
    settings.set("model", arm.model().withPrecision(training.precision()).json());
    return settings;
  }

  /** The training step of each arm that a process of its own can run on this machine. */
  public List<Run> steps() {
    return recipe.arms().stream().filter(this::hasStep).map(this::step).toList();
  }

  /**
   * Whether an arm is trained and its step is run alone: on a device, or many, it is not, and not
   * where a teacher's file would have to come along.
   */
  public boolean hasStep(Arm arm) {
    Optional<Training> training = arm.trained().map(Arm.Trained::training);
    if (training.flatMap(Training::taught).isPresent()) return false;
    Optional<PathChoice> path = training.map(Training::path);
    return path.filter(one -> one.mesh().isEmpty() && MemoryGuard.concerns(one.path())).isPresent();
  }

  /** An arm's training step alone, as it is trained. */
  Run step(Arm arm) {
    Training training = arm.training();
    ExecutionPath path = training.path().path();
    int length = training.data().length();
    ObjectNode settings =
        JsonNodeFactory.instance
            .objectNode()
            .put("path", path.label())
            .put("batch", training.data().batch())
            .put("length", length)
            .put("samples", StepRuns.samples(training.basis()));
    settings.set("model", arm.model().withPrecision(training.precision()).json());
    return run(
        STEP,
        arm,
        0,
        List.of(Records.path(path), Records.length(length)),
        RunSettings.alone(settings));
  }

  private List<Run> timing(Timing timing) {
    List<Run> all = new ArrayList<>();
    for (int length : timing.lengths()) {
      for (ExecutionPath path : timing.paths()) {
        timing.arms().forEach(arm -> all.add(timing(recipe.arm(arm), path, length)));
      }
    }
    return all;
  }

  Run timing(Arm arm, ExecutionPath path, int length) {
    Timing timing = recipe.timing().orElseThrow();
    ObjectNode settings =
        JsonNodeFactory.instance
            .objectNode()
            .put("path", path.label())
            .put("batch", timing.batch())
            .put("length", length)
            .put("samples", timing.samples());
    settings.set("model", arm.model().withPrecision(timing.precision()).json());
    return run(
        TIMING,
        arm,
        0,
        List.of(Records.path(path), Records.length(length)),
        RunSettings.alone(settings),
        path.label(),
        Integer.toString(length));
  }

  /** An arm's logits on a path in a type, and the run that compares them. */
  record Compared(Arm arm, ExecutionPath path, Precision precision, Run run) {}

  /** The comparisons of logits. */
  List<Compared> compared() {
    List<Compared> all = new ArrayList<>();
    if (recipe.agreement().isEmpty() || !recipe.hasRate(recipe.control())) return all;
    Agreement agreement = recipe.agreement().get();
    for (Precision precision : agreement.precisions()) {
      for (Arm arm : recipe.arms()) {
        if (!hasControlsWeights(arm)) continue;
        for (ExecutionPath path : agreement.paths()) {
          all.add(new Compared(arm, path, precision, agreement(arm, path, precision)));
        }
      }
    }
    return all;
  }

  /** Their runs. */
  List<Run> agreement() {
    return compared().stream().map(Compared::run).toList();
  }

  /** Whether an arm can take the control's weights, so that their logits are compared. */
  private boolean hasControlsWeights(Arm arm) {
    return WeightSpec.of(arm.config()).equals(WeightSpec.of(recipe.control().config()));
  }

  private Run agreement(Arm arm, ExecutionPath path, Precision precision) {
    Agreement agreement = recipe.agreement().orElseThrow();
    Arm control = recipe.control();
    ObjectNode settings =
        JsonNodeFactory.instance
            .objectNode()
            .put("path", path.label())
            .put("rows", agreement.rows())
            .put("length", agreement.length());
    settings.set("model", arm.model().withPrecision(precision).json());
    settings
        .putObject("reference")
        .put("path", agreement.paths().getFirst().label())
        .set("model", control.model().withPrecision(agreement.precisions().getFirst()).json());
    recipe
        .training()
        .ifPresent(
            training -> settings.set("weights", trained(control, training.seeds().getFirst())));
    return run(
        AGREEMENT,
        arm,
        0,
        List.of(Records.path(path), Records.dtype(precision)),
        new RunSettings(
            settings,
            control.trained().map(Arm.Trained::training).map(Training::data),
            recipe.checkpoint(),
            control.trained().map(Arm.Trained::training).flatMap(AblationRuns::teacher)),
        path.label(),
        precision.label());
  }

  private Run run(
      String kind, Arm arm, long seed, List<Factor> more, RunSettings settings, String... name) {
    List<String> id = new ArrayList<>(List.of(kind, arm.name()));
    id.addAll(List.of(name));
    List<Factor> factors = new ArrayList<>(Factors.of(recipe, arm));
    factors.addAll(more);
    return new Run(
        slug(String.join("-", id)),
        kind,
        arm.name(),
        seed,
        factors,
        arm.model().model().deviation().stream().map(Records::deviation).toList(),
        settings);
  }

  /** A name usable as a file name. */
  public static String slug(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }
}
