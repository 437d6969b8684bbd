package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Training;
import io.gemlab.experiments.ablate.recipe.Basis;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.experiments.ablate.recipe.RecipeFile;
import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.AgreementRuns;
import io.gemlab.experiments.ablate.run.Shard;
import io.gemlab.experiments.ablate.run.StepNeeds;
import io.gemlab.experiments.ablate.run.StepRuns;
import io.gemlab.experiments.ablate.run.StudyProcesses;
import io.gemlab.experiments.ablate.run.TimingRuns;
import io.gemlab.experiments.ablate.run.TrainingRuns;
import io.gemlab.experiments.ablate.run.TrainingText;
import io.gemlab.experiments.distill.TeacherFile;
import io.gemlab.experiments.program.ProgramNeeds;
import io.gemlab.experiments.run.DataHashes;
import io.gemlab.experiments.run.DeviceProbe;
import io.gemlab.experiments.run.FolderLock;
import io.gemlab.experiments.run.Inventory;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.experiments.run.RunView;
import io.gemlab.experiments.run.Study;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.product.RecordedProducts;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.ops.Precision;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * An ablation, or a shard of one, in its folder: {@code recipe.yaml}, {@code runs/} and, when done,
 * the report. What a run of it left there, the next one with {@code resume} goes on from.
 */
public final class Ablation {
  /** What timing a cell counts for in the progress, where a training step counts for 1. */
  private static final int UNITS_A_CELL = 60;

  /** What the training step of an arm in a process of its own counts for. */
  private static final int UNITS_A_STEP = 20;

  /** What the logits of an arm on a path in a type count for. */
  private static final int UNITS_AN_AGREEMENT = 15;

  private final AblationFolder folder;
  private final Shard shard;
  private final boolean resume;
  private final RecipeFile file;
  private final AblationRecipe recipe;
  private final Map<String, TrainingText> texts;
  private final DataHashes hashes = DataHashes.reading();
  private final Provenance provenance;
  private final RecordedProducts products;
  private final ProgramNeeds traced = new ProgramNeeds();

  private Ablation(
      AblationFolder folder,
      Shard shard,
      boolean resume,
      RecipeFile file,
      AblationRecipe recipe,
      Map<String, TrainingText> texts,
      RecordedProducts products,
      Provenance provenance) {
    this.folder = folder;
    this.shard = shard;
    this.resume = resume;
    this.file = file;
    this.recipe = recipe;
    this.texts = texts;
    this.products = products;
    this.provenance = provenance;
  }

  /** All of an ablation, as below. */
  public static Ablation of(
      RecipeChoice recipe, Path folder, boolean resume, Provenance provenance) {
    return of(recipe, folder, Shard.WHOLE, resume, Products.measured(), provenance);
  }

  /**
   * Readies an ablation: checks all that can be checked before the folder is touched.
   *
   * @param recipe which
   * @param folder where the study is; a shard has a folder of its own in it
   * @param shard the part of it that is done here
   * @param resume whether to go on with what is there; without, there must be no records
   * @param asked which kernels are to compute products; what the study began with counts
   * @throws InvalidInput if the recipe can't be used, its text can't be read or is too short, a
   *     device that it names is not there, or the folder holds something else
   */
  public static Ablation of(
      RecipeChoice recipe,
      Path folder,
      Shard shard,
      boolean resume,
      Products asked,
      Provenance provenance) {
    RecipeFile file = recipe.file();
    AblationFolder place = new AblationFolder(folder);
    AblationRecipe read = place.recipe(file, shard);
    DeviceProbe.require(read.paths());
    shard.requireSeeds(read);
    List<Arm> arms = file.using("arms", () -> runnable(read));
    Map<String, TrainingText> texts =
        read.training().isPresent()
            ? file.using("training", () -> TrainingText.of(arms))
            : Map.of();
    arms.forEach(arm -> file.using("arms", () -> requireTaught(arm, texts.get(arm.name()))));
    if (read.basis() == Basis.TIME) {
      file.using("training", () -> requireTimeable(read, place, shard));
    }
    read.checkpoint()
        .ifPresent(weights -> file.using("checkpoint", () -> requireFits(weights, arms)));
    RecordedProducts products = place.products(shard, asked, resume);
    Ablation ablation = new Ablation(place, shard, resume, file, read, texts, products, provenance);
    ablation.requireUsable();
    return ablation;
  }

  /** That each arm can begin with the weights of a checkpoint. */
  private static boolean requireFits(Path checkpoint, List<Arm> arms) {
    try (HfCheckpoint weights = HfCheckpoint.open(checkpoint)) {
      for (Arm arm : arms) {
        try {
          weights.requireExactly(Parameters.trained(arm.in(Precision.FLOAT32)).checkpointShapes());
        } catch (InvalidInput other) {
          throw new InvalidInput(
              "arm %s: %s".formatted(InvalidInput.shown(arm.name()), other.getMessage()), other);
        }
      }
    }
    return true;
  }

  /** That an arm's teacher is one for its model, and has scored its text. */
  private static boolean requireTaught(Arm arm, TrainingText text) {
    if (arm.trained().flatMap(what -> what.training().taught()).isEmpty()) return false;
    Training training = arm.training();
    try (TeacherFile teacher = training.taught().get().open(arm.config(), training.data())) {
      teacher.teach(text.sequences().training());
      return true;
    } catch (InvalidInput refusal) {
      throw new InvalidInput(
          "arm %s: %s".formatted(InvalidInput.shown(arm.name()), refusal.getMessage()), refusal);
    }
  }

  /** That each arm's step can be timed, by this shard or before it. */
  private static boolean requireTimeable(
      AblationRecipe recipe, AblationFolder folder, Shard shard) {
    AblationRuns runs = new AblationRuns(recipe);
    for (Arm arm : recipe.arms()) {
      if (runs.hasStep(arm)) continue;
      throw new InvalidInput(
          "basis is time, and arm %s %s; give basis: flops, tokens or steps"
              .formatted(
                  InvalidInput.shown(arm.name()),
                  arm.training().taught().isPresent()
                      ? "has a teacher, whose time is in none of its steps"
                      : "is trained on a device, where no step is timed alone"));
    }
    if (!shard.hasUndivided() && !folder.stepTimes(recipe, shard).isWhole()) {
      throw new InvalidInput(
          "basis is time, and shard %s has not measured yet how long a step takes; start it first, and the others once it trains"
              .formatted(shard.first()));
    }
    return true;
  }

  /**
   * What an ablation would run and what it takes, for people, a line each. Nothing is run or
   * written.
   *
   * @param folder where it would go; the records of earlier runs there say how long it takes
   * @throws InvalidInput if the recipe can't be used
   */
  public static List<String> dryRun(RecipeChoice recipe, Path folder) throws IOException {
    RecipeFile file = recipe.file();
    AblationFolder there = new AblationFolder(folder);
    AblationRecipe asked = there.recipe(file, Shard.WHOLE);
    boolean stepsFixed =
        asked.basis() != Basis.TIME || there.stepTimes(asked, Shard.WHOLE).isWhole();
    return new DryRun(asked, stepsFixed, folder).lines();
  }

  /** Of the arms the control has to be supported: what another can't do is a finding. */
  private static List<Arm> runnable(AblationRecipe recipe) {
    new AblationRuns(recipe).requireDistinctNames();
    try {
      recipe.control().model().model().requireSupported();
      return recipe.arms();
    } catch (UnsupportedChoiceException refusal) {
      throw new InvalidInput(
          "%s is the control, and can't be run: %s"
              .formatted(InvalidInput.shown(recipe.control().name()), refusal.getMessage()),
          refusal);
    }
  }

  private void requireUsable() {
    folder.requireUsable(shard, file, resume, hashes);
  }

  /**
   * What a run will need of memory.
   *
   * @param what runs
   * @param need of a call
   * @param rows of its batch
   * @param path that it runs on
   */
  public record Need(String what, MemoryNeed need, int rows, ExecutionPath path) {}

  /** What each step needs; worth a look before the first of them. */
  public List<Need> needs() {
    return new StepNeeds(recipe, traced)
        .steps().stream()
            .flatMap(
                step ->
                    step.memory().stream()
                        .flatMap(
                            need ->
                                step.paths().stream()
                                    .map(path -> new Need(step.what(), need, step.rows(), path))))
            .toList();
  }

  /** All the work there is, in a {@link RunMonitor}'s units. */
  public long work() {
    long training = trainingWork(recipe);
    if (!shard.hasUndivided()) return training;
    long timing =
        recipe
            .timing()
            .map(what -> (long) what.arms().size() * what.paths().size() * what.lengths().size())
            .orElse(0L);
    return training
        + (long) new AblationRuns(recipe).steps().size() * UNITS_A_STEP
        + timing * UNITS_A_CELL
        + agreements() * UNITS_AN_AGREEMENT;
  }

  /** Steps of all training runs; before arms are tuned, as if each of them had a rate then. */
  private long trainingWork(AblationRecipe what) {
    return what.arms().stream()
        .flatMap(arm -> arm.trained().stream())
        .map(Arm.Trained::training)
        .mapToLong(training -> training.steps() * runs(what, training))
        .sum();
  }

  private long runs(AblationRecipe what, Training training) {
    long tried =
        what.tuning()
            .map(tuning -> tuning.learningRates().size() * shard.of(tuning.seeds()).size())
            .orElse(0);
    return tried + shard.of(training.seeds()).size();
  }

  private long agreements() {
    return recipe
        .agreement()
        .map(what -> (long) recipe.arms().size() * what.paths().size() * what.precisions().size())
        .orElse(0L);
  }

  /**
   * Does what is not done yet, and writes the report of all that is there, other shards' runs among
   * it.
   *
   * @throws InvalidInput if another process has the folder, or it holds something else by now
   * @throws RunMonitor.Stopped if the monitor stopped it; everything done so far is on disk
   * @return the report's HTML file
   */
  public Path run(RunMonitor monitor) throws IOException {
    Path place = folder.of(shard);
    try (FolderLock _ = FolderLock.take(place)) {
      requireUsable();
      products.begin(resume || !shard.isWhole());
      folder.claim(shard, file, hashes).forEach(monitor::said);
      make(place, monitor);
    }
    monitor.now("report");
    return report(folder.study(), monitor::said);
  }

  private void make(Path place, RunMonitor monitor) {
    RunStore store =
        new RunStore(
            AblationFolder.runs(place), new Study(recipe.name(), file.text(), provenance), hashes);
    Optional<StudyProcesses> processes = processes();
    StepRuns steps =
        new StepRuns(
            recipe,
            store,
            traced,
            processes.isPresent() ? OptionalInt.of(StudyProcesses.THREADS) : OptionalInt.empty(),
            products);
    boolean stepsFirst = recipe.basis() == Basis.TIME;
    if (stepsFirst && shard.hasUndivided()) steps.run(monitor, UNITS_A_STEP);
    AblationRecipe timed = stepsFirst ? withStepsFixed(monitor) : recipe;
    AblationRecipe fixed = timed;
    if (timed.tuning().isPresent()) {
      fixed =
          tuned(new TrainingRuns(timed, shard, texts, place, store, products, processes), monitor);
    }
    if (!texts.isEmpty()) {
      new TrainingRuns(fixed, shard, texts, place, store, products, processes).run(monitor);
    }
    if (!shard.hasUndivided()) return;
    if (!stepsFirst) steps.run(monitor, UNITS_A_STEP);
    if (fixed.timing().isPresent()) {
      new TimingRuns(fixed, store, traced, products).run(monitor, UNITS_A_CELL);
    }
    if (fixed.agreement().isPresent()) {
      new AgreementRuns(
              fixed,
              Optional.ofNullable(texts.get(fixed.control().name())),
              place,
              store,
              products,
              processes)
          .run(monitor, UNITS_AN_AGREEMENT);
    }
  }

  /** Those that make this shard's runs; empty where this one does. */
  private Optional<StudyProcesses> processes() {
    OptionalInt atOnce = StudyProcesses.fitting(recipe, traced);
    if (atOnce.isEmpty()) return Optional.empty();
    return Optional.of(
        new StudyProcesses(
            atOnce.getAsInt(), options -> StudyChild.start(options, folder, shard, provenance)));
  }

  /** The recipe with the learning rate that suits each arm best; an arm may have none. */
  private AblationRecipe tuned(TrainingRuns untuned, RunMonitor monitor) {
    untuned.tune(monitor);
    Inventory tuning = folder.tuning(untuned.recipe(), shard);
    List<Run> unmade =
        Stream.concat(tuning.missing().stream(), tuning.interrupted().stream()).toList();
    if (!unmade.isEmpty()) {
      throw new InvalidInput(
          "learning rates are chosen by the runs of all shards, and %d of other shards are not made, such as %s; give --resume once they are"
              .formatted(unmade.size(), unmade.getFirst().described()));
    }
    AblationRecipe tuned = folder.recipe(file, shard);
    for (Arm arm : tuned.arms()) {
      if (tuned.hasRate(arm)) continue;
      monitor.announced(-arm.training().steps() * (long) shard.of(arm.training().seeds()).size());
    }
    return tuned;
  }

  /** The recipe as the measured times of the arms' steps make it. */
  private AblationRecipe withStepsFixed(RunMonitor monitor) {
    if (!folder.stepTimes(recipe, shard).isWhole()) {
      throw new InvalidInput(
          "basis is time, and a training step could not be timed: "
              + String.join("; ", failures()));
    }
    AblationRecipe fixed = folder.recipe(file, shard);
    monitor.announced(trainingWork(fixed) - trainingWork(recipe));
    return fixed;
  }

  /** What failed of the runs so far, a line each; refusal and divergence are findings. */
  public List<String> failures() {
    return folder.inventory(List.of(shard), folder.recipe(file, shard), hashes).records().stream()
        .filter(run -> new RunView(run).isFailed())
        .map(run -> run.getId() + ": " + run.getOutcome().getMessage())
        .toList();
  }

  /**
   * Makes the report of an ablation's folder again, of all its shards if it has some.
   *
   * @param said hears, a line each, what a reader has to know of the records, which also stands at
   *     the top of the report
   * @return its HTML file
   * @throws InvalidInput if there is no ablation, nothing of it was run, or records were made with
   *     other settings than its recipe has
   */
  public static Path report(Path study, Consumer<String> said) throws IOException {
    return new AblationFolder(study).report(said);
  }
}
