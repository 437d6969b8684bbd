package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Timing;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Training;
import io.gemlab.experiments.ablate.recipe.Basis;
import io.gemlab.experiments.ablate.recipe.Tuning;
import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.ablate.run.StepNeeds;
import io.gemlab.experiments.ablate.run.StudyProcesses;
import io.gemlab.experiments.ablate.run.TrainingArm;
import io.gemlab.experiments.ablate.run.TrainingText;
import io.gemlab.experiments.program.ProgramNeeds;
import io.gemlab.experiments.run.Bytes;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.base.process.FreeMemory;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.RunRecords;
import io.gemlab.tpu.path.PjrtPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/**
 * What an ablation would run, and what that takes. Programs are traced, a small one takes a few
 * steps, and nothing is written.
 */
final class DryRun {
  /** Bytes of a model that is loaded and run only to see how fast it is. */
  private static final long CHEAP = 1L << 30;

  private final AblationRecipe recipe;
  private final boolean stepsFixed;
  private final Path folder;
  private final ProgramNeeds traced = new ProgramNeeds();
  private final List<StepNeeds.Step> needs;

  /**
   * @param recipe what was asked
   * @param stepsFixed whether every arm has its own number of steps already, and not the control's
   *     until they are measured
   * @param folder where earlier runs of it may have left records; it need not be there
   */
  DryRun(AblationRecipe recipe, boolean stepsFixed, Path folder) {
    this.recipe = recipe;
    this.stepsFixed = stepsFixed;
    this.folder = folder;
    this.needs = new StepNeeds(recipe, traced).steps();
  }

  /** For people, a line each. */
  List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    if (recipe.pilot()) lines.add("a pilot: the report will draw no conclusion");
    recipe.training().ifPresent(_ -> lines.addAll(training()));
    recipe.timing().ifPresent(timing -> lines.add(timing(timing)));
    recipe
        .agreement()
        .ifPresent(
            agreement ->
                lines.add(
                    "agreement: logits of up to %d arms x %d paths x %d dtypes"
                        .formatted(
                            recipe.arms().size(),
                            agreement.paths().size(),
                            agreement.precisions().size())));
    lines.addAll(memory());
    if (recipe.training().isPresent()) lines.add(disk());
    lines.add(time());
    lines.add("nothing was written");
    return lines;
  }

  private List<String> training() {
    List<String> lines = new ArrayList<>();
    Basis basis = recipe.basis();
    if (basis != Basis.STEPS) {
      lines.add(
          "basis: equal %s, that of %s's %d steps%s"
              .formatted(
                  basis.noun(),
                  recipe.control().name(),
                  recipe.control().training().steps(),
                  stepsFixed ? "" : "; how long a step takes is measured before the first run"));
    }
    recipe.tuning().ifPresent(tuning -> lines.add(tuning(tuning)));
    // Arms that are trained alike share a line.
    Map<String, List<Arm>> alike = new LinkedHashMap<>();
    for (Arm arm : recipe.arms()) {
      alike.computeIfAbsent(asked(arm), _ -> new ArrayList<>()).add(arm);
    }
    alike.forEach(
        (asked, arms) ->
            lines.add(
                "training: %d %s x %d seeds x %s: %s"
                    .formatted(
                        arms.size(),
                        arms.size() == 1 ? "arm" : "arms",
                        arms.getFirst().training().seeds().size(),
                        asked.formatted(
                            (long) arms.size()
                                * arms.getFirst().training().seeds().size()
                                * arms.getFirst().training().steps()),
                        String.join("; ", arms.stream().map(Arm::name).toList()))));
    return lines;
  }

  private String tuning(Tuning tuning) {
    return "tuning: %d arms x %d learning rates x %d seeds = %d runs: %s"
        .formatted(
            recipe.arms().size(),
            tuning.learningRates().size(),
            tuning.seeds().size(),
            new AblationRuns(recipe).tuning().size(),
            tuning.learningRates());
  }

  /** How an arm is trained, but for a place for the steps of all arms that are trained alike. */
  private String asked(Arm arm) {
    Training training = arm.training();
    boolean known = stepsFixed || arm.equals(recipe.control());
    return "%s of %d x %d tokens of %s on %s, %s, %s%s"
        .formatted(
            known ? training.steps() + " steps = %d steps" : "as many steps",
            training.data().batch(),
            training.data().length(),
            training.data().corpus().replace("%", "%%"),
            training.path().path().label(),
            training.precision().label(),
            recipe.hasRate(arm)
                ? "learning rate " + training.schedule().learningRate().peak()
                : "at the learning rate that tuning chooses",
            training
                .taught()
                .map(what -> ", learning of " + what.teacher().file())
                .orElse("")
                .replace("%", "%%"));
  }

  private static String timing(Timing timing) {
    return "timing: %d arms x %d paths x %d lengths = %d cells of %d samples"
        .formatted(
            timing.arms().size(),
            timing.paths().size(),
            timing.lengths().size(),
            timing.arms().size() * timing.paths().size() * timing.lengths().size(),
            timing.samples());
  }

  /** The largest need, and what is refused. */
  private List<String> memory() {
    List<String> lines = new ArrayList<>();
    OptionalLong free = onThisMachine() ? FreeMemory.bytes() : OptionalLong.empty();
    for (StepNeeds.Step step : needs) {
      if (step.memory().isEmpty()) lines.add("refused: " + step.what() + ": " + step.refusal());
    }
    StepNeeds.Step largest = null;
    for (StepNeeds.Step step : needs) {
      if (step.memory().isEmpty()) continue;
      if (largest == null || total(step) > total(largest)) largest = step;
    }
    if (largest == null) return lines;
    long state = largest.memory().orElseThrow().state();
    lines.addFirst(
        "memory: up to about %s, %s (%s kept between calls, %s during one)%s"
            .formatted(
                Bytes.text(total(largest)),
                largest.what(),
                Bytes.text(state),
                Bytes.text(total(largest) - state),
                free.isPresent()
                    ? "; %s is free%s"
                        .formatted(
                            Bytes.text(free.getAsLong()),
                            total(largest) > free.getAsLong() ? ": too little" : "")
                    : ""));
    return lines;
  }

  private static long total(StepNeeds.Step step) {
    return step.memory().orElseThrow().total();
  }

  /** The most that a step needs, in bytes; 0 where all are refused. */
  private long most(ToLongFunction<MemoryNeed> size) {
    return needs.stream().flatMap(step -> step.memory().stream()).mapToLong(size).max().orElse(0);
  }

  /** The control's weights stay; a run's state is on disk while it runs. */
  private String disk() {
    long elements =
        Parameters.trained(recipe.control().in(Precision.FLOAT32))
            .checkpointShapes()
            .values()
            .stream()
            .mapToLong(TensorShape::elements)
            .sum();
    return "disk: %s of the control's weights, and up to %s of state while a run is not complete"
        .formatted(
            Bytes.text(elements * Precision.FLOAT32.bytes()), Bytes.text(most(MemoryNeed::state)));
  }

  /** By the records that are there, else by a few steps of the control where these are cheap. */
  private String time() throws IOException {
    if (recipe.training().isEmpty()) return "time: not measured";
    OptionalDouble recorded = recorded();
    long most = most(MemoryNeed::total);
    boolean cheap = most > 0 && most < CHEAP;
    if (recorded.isEmpty() && !cheap) return "time: not measured; the model is not a small one";
    if (recorded.isEmpty() && !onThisMachine()) return "time: not measured; no device is taken";
    double secondsAToken =
        recorded.isPresent()
            ? recorded.getAsDouble()
            : measured() / recipe.control().training().data().tokens();
    double seconds = 0;
    for (Arm arm : recipe.arms()) {
      Training training = (stepsFixed ? arm : recipe.control()).training();
      int tried =
          recipe.tuning().map(what -> what.learningRates().size() * what.seeds().size()).orElse(0);
      seconds += secondsAToken * training.tokens() * (tried + training.seeds().size());
    }
    int atOnce = recorded.isPresent() ? StudyProcesses.fitting(recipe, traced).orElse(1) : 1;
    seconds /= atOnce;
    return "time: training about %s at the rate of %s, compilation and validation apart%s"
        .formatted(
            Duration.ofSeconds((long) Math.ceil(seconds))
                .toString()
                .substring("PT".length())
                .toLowerCase(Locale.ROOT),
            recorded.isPresent()
                ? "the runs in " + folder + (atOnce > 1 ? ", %d at once".formatted(atOnce) : "")
                : "a few steps of " + recipe.control().name() + " just now",
            recipe.timing().isPresent() || recipe.agreement().isPresent()
                ? "; timing and agreement not measured"
                : "");
  }

  /** Whether no path is a device's, which another process may hold and has its own memory. */
  private boolean onThisMachine() {
    return recipe.paths().stream().noneMatch(path -> PjrtPath.isLabel(path.label()));
  }

  private double measured() {
    Arm control = recipe.control();
    try (TrainingArm arm =
        new TrainingArm(
            control.training(),
            control.model(),
            TrainingText.of(control.training(), control.config()),
            recipe.checkpoint(),
            Products.measured())) {
      return arm.secondsAStep();
    }
  }

  /** Seconds a token of the complete runs in the folder. */
  private OptionalDouble recorded() throws IOException {
    Path runs = folder.resolve("runs");
    if (!Files.isDirectory(runs)) return OptionalDouble.empty();
    List<RunView> records = RunRecords.readAll(runs).stream().map(RunView::new).toList();
    return recipe.arms().stream()
        .flatMapToDouble(
            arm ->
                records.stream()
                    .filter(RunView::isComplete)
                    .filter(run -> run.kind().equals(AblationRuns.TRAINING))
                    .filter(run -> run.arm().equals(arm.name()))
                    .flatMapToDouble(run -> secondsAStep(run).stream())
                    .map(seconds -> seconds / arm.training().data().tokens()))
        .average();
  }

  private static OptionalDouble secondsAStep(RunView run) {
    return run.measurement(Measures.TRAINING_TIME).stream()
        .mapToDouble(
            time -> time.getValue() / run.curve(Measures.TRAINING_LOSS).orElseThrow().getYCount())
        .findFirst();
  }
}
