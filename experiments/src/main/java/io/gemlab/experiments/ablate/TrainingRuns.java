package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.AblationRecipe.Training;
import io.gemlab.experiments.ablate.RunStore.Run;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.reports.record.Measurement.Better;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.RunRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Every arm under every seed. An arm is compiled once; its seeds follow each other. */
record TrainingRuns(AblationRecipe recipe, Path folder, RunStore store) {
  static final String VALIDATION_LOSS = "validation loss";
  static final String TRAINING_LOSS = "training loss";
  static final String BIGRAM = "bigram entropy";
  static final String BIGRAM_VALIDATION = "bigram cross-entropy of the validation text";

  /** The control's weights under the first seed, for whoever compares logits. */
  static Path checkpoint(Path folder) {
    return folder.resolve("checkpoint");
  }

  void run(RunMonitor monitor) {
    Training training = recipe.training().orElseThrow();
    TrainingText text = TrainingText.of(training, recipe.modelConfig(recipe.control()));
    for (Arm arm : recipe.arms()) {
      List<Run> missing = new ArrayList<>();
      for (long seed : training.seeds()) {
        Run run = new Run(Run.TRAINING, arm, seed, List.of());
        if (store.has(run)) monitor.worked(training.steps());
        else missing.add(run);
      }
      if (!missing.isEmpty()) train(arm, missing, text, monitor);
    }
  }

  private void train(Arm arm, List<Run> runs, TrainingText text, RunMonitor monitor) {
    Training training = recipe.training().orElseThrow();
    Gemma2Config config = recipe.modelConfig(arm);
    monitor.now(arm.name());
    monitor.check();
    TrainingArm[] loaded = new TrainingArm[1];
    try {
      for (Run run : runs) {
        CountedSteps steps = new CountedSteps(monitor);
        Status ended =
            store.make(
                run,
                record -> {
                  if (loaded[0] == null) {
                    loaded[0] = new TrainingArm(training, config, recipe.ops(arm), text);
                  }
                  monitor.now(arm.name() + ", seed " + run.seed());
                  Curves curves = curves(loaded[0], run, steps);
                  fill(record, curves, loaded[0], text);
                  keep(run, loaded[0]);
                });
        monitor.worked(training.steps() - steps.done);
        // What broke may go on from the last state that is on disk.
        if (ended != Status.FAILED) delete(state(run));
      }
    } finally {
      if (loaded[0] != null) loaded[0].close();
    }
  }

  private Curves curves(TrainingArm arm, Run run, RunMonitor monitor) {
    try {
      return arm.run(run.seed(), state(run), monitor);
    } catch (NotFiniteException diverged) {
      delete(state(run)); // it would diverge again
      throw diverged;
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
    public void check() {
      monitor.check();
    }
  }

  /** Where a run's state is while it is not complete. */
  private Path state(Run run) {
    return store.folder().resolve(run.id() + ".state.safetensors");
  }

  private void fill(RunRecord.Builder record, Curves curves, TrainingArm arm, TrainingText text) {
    List<Integer> steps = IntStream.range(0, curves.steps()).boxed().toList();
    List<Integer> points =
        IntStream.range(0, curves.validation().size()).map(curves::validationStep).boxed().toList();
    record
        .addSeries(AblationRecords.curve(TRAINING_LOSS, steps, curves.training()))
        .addSeries(AblationRecords.curve(VALIDATION_LOSS, points, curves.validation()))
        .addMeasurements(
            Records.measurement(
                VALIDATION_LOSS, "nats/token", curves.validation().getLast(), Better.LOWER))
        .addMeasurements(
            Records.measurement(BIGRAM, "nats/token", text.bigram().corpus(), Better.NEITHER))
        .addMeasurements(
            Records.measurement(
                BIGRAM_VALIDATION, "nats/token", text.bigram().validation(), Better.NEITHER))
        .setExecution(Records.execution(arm.path().label(), arm.report()));
  }

  /** The first run of the control leaves its weights. */
  private void keep(Run run, TrainingArm arm) {
    boolean first = run.seed() == recipe.training().orElseThrow().seeds().getFirst();
    if (!run.arm().equals(recipe.control()) || !first || Files.exists(checkpoint(folder))) return;
    ModelWeights.save(
        arm.executable(),
        arm.model(),
        ElementType.F32,
        CheckpointFiles.of(ConfigJson.write(arm.model().config())),
        checkpoint(folder));
  }

  private static void delete(Path state) {
    try {
      Files.deleteIfExists(state);
    } catch (IOException e) {
      throw new UncheckedIOException("deleting " + state, e);
    }
  }
}
