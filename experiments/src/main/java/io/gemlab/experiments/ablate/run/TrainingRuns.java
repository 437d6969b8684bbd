package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Training;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.experiments.train.LossByPosition.Bucket;
import io.gemlab.experiments.train.RunState;
import io.gemlab.experiments.train.StepCurves;
import io.gemlab.experiments.train.Validation.Point;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.RunRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Every arm under every seed of a shard. An arm is compiled once for each learning rate by a
 * process that trains it; its seeds follow each other there.
 *
 * @param texts what each arm trains on, by its name
 * @param folder the shard's
 * @param products which kernels compute products
 * @param processes train runs side by side; empty where this process trains them
 */
public record TrainingRuns(
    AblationRecipe recipe,
    Shard shard,
    Map<String, TrainingText> texts,
    Path folder,
    RunStore store,
    Products products,
    Optional<StudyProcesses> processes) {
  /** How the file of an unfinished run's state ends. */
  public static final String STATE = ".state.safetensors";

  /** The control's weights under the first seed, for whoever compares logits. */
  public static Path checkpoint(Path folder) {
    return folder.resolve("checkpoint");
  }

  /** An arm, and what is to be run of it. */
  private record Asked(Arm arm, List<Run> runs) {}

  /** Trains each arm at each learning rate that it is tried at. */
  public void tune(RunMonitor monitor) {
    AblationRuns runs = new AblationRuns(recipe);
    run(
        recipe.arms().stream()
            .flatMap(arm -> runs.tried(arm).stream())
            .map(at -> new Asked(at, shard.of(runs.tuning(at))))
            .toList(),
        monitor);
  }

  /** Trains each arm that has a learning rate. */
  public void run(RunMonitor monitor) {
    AblationRuns runs = new AblationRuns(recipe);
    run(
        recipe.arms().stream()
            .filter(recipe::hasRate)
            .map(arm -> new Asked(arm, shard.of(runs.training(arm))))
            .toList(),
        monitor);
  }

  private void run(List<Asked> all, RunMonitor monitor) {
    requireReadableStates(all);
    Map<Arm, Deque<Run>> missing = new LinkedHashMap<>();
    for (Asked asked : all) {
      for (Run run : asked.runs()) {
        if (store.has(run) && !lacksWeights(run)) {
          RunState.delete(state(run)); // left where the process died just after the record
          monitor.worked(asked.arm().training().steps());
        } else {
          missing.computeIfAbsent(asked.arm(), _ -> new ArrayDeque<>()).add(run);
        }
      }
    }
    if (missing.isEmpty()) return;
    if (processes.isPresent()) {
      StudyProcesses.Kind training =
          new StudyProcesses.Kind(arm -> arm.training().steps(), List.of());
      processes.get().make(missing, training, store, monitor);
    } else {
      try (Trainer trainer = new Trainer()) {
        missing.forEach((arm, runs) -> runs.forEach(run -> trainer.train(arm, run, monitor)));
      }
    }
  }

  /** What trains runs of either kind by their names. */
  public StudyProcesses.Maker maker() {
    return new Trainer()::train;
  }

  /** A run of either kind by its name, with its arm. */
  private Map.Entry<Arm, Run> asked(String id) {
    AblationRuns runs = new AblationRuns(recipe);
    return recipe.arms().stream()
        .flatMap(
            arm ->
                Stream.concat(
                    runs.tried(arm).stream().map(at -> new Asked(at, runs.tuning(at))),
                    Stream.of(new Asked(arm, runs.training(arm)))))
        .flatMap(asked -> asked.runs().stream().map(run -> Map.entry(asked.arm(), run)))
        .filter(asked -> asked.getValue().id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  /** What a stopped run left has to be of use before any other begins. */
  private void requireReadableStates(List<Asked> all) {
    all.stream()
        .flatMap(asked -> asked.runs().stream())
        .filter(run -> !store.has(run))
        .map(this::state)
        .filter(Files::exists)
        .forEach(RunState::requireReadable);
  }

  /** Trains runs one after the other; those of one arm share what is traced and compiled. */
  private final class Trainer implements AutoCloseable {
    private Optional<Arm> arm = Optional.empty();
    private Optional<TrainingArm> loaded = Optional.empty();

    /** Makes a run of a name. */
    Status train(String id, RunMonitor monitor) {
      Map.Entry<Arm, Run> asked = asked(id);
      return train(asked.getKey(), asked.getValue(), monitor);
    }

    Status train(Arm of, Run run, RunMonitor monitor) {
      if (!arm.equals(Optional.of(of))) {
        close();
        arm = Optional.of(of);
        monitor.now(of.name());
      }
      monitor.check();
      Training training = of.training();
      TrainingText text = texts.get(of.name());
      CountedSteps steps = new CountedSteps(monitor);
      Status ended =
          store.make(
              run,
              record -> {
                if (loaded.isEmpty()) {
                  loaded =
                      Optional.of(
                          new TrainingArm(
                              training, of.model(), text, recipe.checkpoint(), products));
                }
                monitor.now(run.described());
                TrainingRuns.this.train(loaded.get(), run, steps, record, text);
              });
      monitor.worked(training.steps() - steps.done);
      // What broke may go on from the last state that is on disk.
      if (ended != Status.FAILED) RunState.delete(state(run));
      return ended;
    }

    @Override
    public void close() {
      loaded.ifPresent(TrainingArm::close);
      loaded = Optional.empty();
    }
  }

  private void train(
      TrainingArm arm, Run run, RunMonitor monitor, RunRecord.Builder record, TrainingText text) {
    Optional<String> diverged;
    try {
      Curves curves = arm.run(run.seed(), state(run), monitor);
      fill(record, curves, arm, text);
      diverged = curves.divergence();
    } catch (NotFiniteException notFinite) {
      diverged = Optional.of(notFinite.getMessage());
    }
    if (diverged.isEmpty()) {
      keep(run, arm);
    } else {
      RunState.delete(state(run)); // it would diverge again
      record.setOutcome(Records.diverged(diverged.get()));
    }
  }

  /** Counts a run's steps: one that ends early still makes its part of the progress. */
  private static final class CountedSteps implements RunMonitor {
    private final RunMonitor monitor;
    private long done;

    CountedSteps(RunMonitor monitor) {
      this.monitor = monitor;
    }

    @Override
    public void worked(long units) {
      done += units;
      monitor.worked(units);
    }

    @Override
    public void now(String what) {
      monitor.now(what);
    }

    @Override
    public void said(String line) {
      monitor.said(line);
    }

    @Override
    public void check() {
      monitor.check();
    }
  }

  /** Where a run's state is while it is not complete. */
  private Path state(Run run) {
    return store.folder().resolve(run.id() + STATE);
  }

  private void fill(RunRecord.Builder record, Curves curves, TrainingArm arm, TrainingText text) {
    StepCurves every = curves.steps();
    List<Integer> steps = IntStream.range(0, every.losses().size()).boxed().toList();
    List<Integer> points = curves.validation().stream().map(Point::steps).toList();
    List<Float> losses = curves.validation().stream().map(Point::loss).toList();
    record
        .addSeries(Measures.TRAINING_LOSS.curve("step", steps, every.losses()))
        .addSeries(Measures.GRADIENT_NORM.curve("step", steps, every.gradientNorms()))
        .addSeries(Measures.LEARNING_RATE.curve("step", steps, every.learningRates()))
        .addSeries(Measures.VALIDATION_LOSS.curve("step", points, losses))
        .addSeries(
            Measures.LOSS_BY_POSITION.curve(
                "position",
                curves.byPosition().stream().map(Bucket::last).toList(),
                curves.byPosition().stream().map(Bucket::loss).toList()))
        .addMeasurements(Measures.VALIDATION_LOSS.of(losses.getLast()))
        .addMeasurements(Measures.BIGRAM.of(text.bigram().corpus()))
        .addMeasurements(Measures.BIGRAM_VALIDATION.of(text.bigram().validation()))
        .addMeasurements(
            Measures.TRAINING_TIME.of(
                every.seconds().stream().mapToDouble(Float::doubleValue).sum()))
        .addMeasurements(Measures.THREADS.of(Runtime.getRuntime().availableProcessors()))
        .addMeasurements(Measures.CORPUS_TOKENS.of(text.corpusTokens()))
        .addMeasurements(Measures.BYTES_A_TOKEN.of(text.bytesAToken()))
        .setExecution(Records.execution(arm.path().label(), arm.report()));
  }

  /** Whether weights that a run left are gone, and logits are still to be compared. */
  private boolean lacksWeights(Run run) {
    AblationRuns runs = new AblationRuns(recipe);
    return runs.leavesWeights(run.id())
        && !Files.exists(checkpoint(folder))
        && !runs.agreement().stream().allMatch(store::has);
  }

  /** The first run of the control leaves its weights. */
  private void keep(Run run, TrainingArm arm) {
    if (!new AblationRuns(recipe).leavesWeights(run.id()) || Files.exists(checkpoint(folder)))
      return;
    ModelWeights.save(
        arm.executable(),
        arm.model(),
        ElementType.F32,
        CheckpointFiles.of(ConfigJson.write(arm.model().config())),
        checkpoint(folder));
  }
}
