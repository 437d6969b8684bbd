package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Training;
import io.gemlab.experiments.distill.TeacherFile;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.train.Interval;
import io.gemlab.experiments.train.LossByPosition;
import io.gemlab.experiments.train.RunState;
import io.gemlab.experiments.train.StateSaving;
import io.gemlab.experiments.train.StepCurves;
import io.gemlab.experiments.train.StepProgress;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.experiments.train.TrainingLoop;
import io.gemlab.experiments.train.Validation;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.text.ShuffledBatches;
import io.gemlab.graph.base.text.TrainingRows;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.PositionLosses;
import io.gemlab.graph.train.StepFunctions;
import io.gemlab.graph.train.TopKLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.graph.weights.LoadProgress;
import io.gemlab.graph.weights.ModelWeights;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One arm, traced and compiled once, and trained under one seed after the other. */
public final class TrainingArm implements AutoCloseable {
  private static final String STEP = "step";
  private static final String LOSS = "loss";
  private static final String LOSSES = "losses";
  private static final int MEASURED_STEPS = 5;
  private static final double NANOS = 1e9;

  private final Training training;
  private final Gemma2Model<?> model;
  private final TrainingText text;
  private final Optional<TeacherFile> teacher;
  private final TrainingRows rows;
  private final Optional<Path> checkpoint;
  private final GraphFunction step;
  private final ExecutionPath path;
  private final Executable executable;

  /**
   * Traces and loads the arm.
   *
   * @param checkpoint the folder of the weights that each run begins with; empty where they are
   *     fresh
   * @param products which kernels compute products
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if it can't be run as asked
   */
  public TrainingArm(
      Training training,
      ModelSpec spec,
      TrainingText text,
      Optional<Path> checkpoint,
      Products products) {
    this.training = training;
    this.model = spec.withPrecision(training.precision()).model();
    this.text = text;
    this.checkpoint = checkpoint;
    BatchShape size = new BatchShape(training.data().batch(), training.data().length());
    this.teacher = training.taught().map(what -> what.open(spec.config(), training.data()));
    boolean ready = false;
    try {
      TrainingRows plain = text.sequences().training();
      this.rows = teacher.map(file -> file.teach(plain)).orElse(plain);
      this.step =
          new TrainStep<>(model, size, loss())
              .trace(STEP, training.optimizer().over(training.schedule()));
      this.path = training.path().of(spec::config).withProducts(products);
      this.executable =
          path.load(
              List.of(
                  step,
                  new TrainStep<>(model, size, new NextTokenLoss()).traceLoss(LOSS),
                  new PositionLosses<>(model, size).trace(LOSSES)));
      ready = true;
    } finally {
      if (!ready) teacher.ifPresent(TeacherFile::close);
    }
  }

  /** What is minimised; validation is of the next token, whatever that is. */
  private TrainingLoss loss() {
    if (teacher.isEmpty()) return training.labels().loss(1);
    return new TopKLoss(
        1, teacher.get().header().topK(), training.taught().orElseThrow().teacher().loss());
  }

  /**
   * Trains under a seed, from where a saved state stands or from the start.
   *
   * @param file where the state is kept while the run is not complete
   * @param monitor is told of every step, and may stop the run: then the state is on disk
   * @return the curves of the whole run
   * @throws io.gemlab.graph.base.input.NotFiniteException if a loss or the gradients' norm is NaN
   *     or infinite
   */
  Curves run(long seed, Path file, RunMonitor monitor) {
    Interval interval = new Interval(training.validation().every(), training.schedule().steps());
    StepCurves curves = new StepCurves();
    Validation validation = new Validation(executable, LOSS, text.validation(), interval);
    RunState state =
        new RunState(
            file,
            new StepFunctions.Whole(step).kept(),
            Optional.empty(),
            List.of(curves, validation));
    ShuffledBatches batches = new ShuffledBatches(rows, training.data().batch(), seed);
    int done = begin(seed, state);
    loop(
            batches,
            training.schedule().steps(),
            List.of(
                curves,
                new StepProgress(monitor),
                validation,
                new StateSaving(state, executable, interval)))
        .run(done);
    return new Curves(
        curves, validation.points(), LossByPosition.of(executable, LOSSES, text.validation()));
  }

  /** Seconds that a step takes: the mean of a few from the start, after one that warms up. */
  public double secondsAStep() {
    start(1);
    ShuffledBatches batches = new ShuffledBatches(rows, training.data().batch(), 1);
    loop(batches, 1, List.of()).run(0);
    long start = System.nanoTime();
    loop(batches, MEASURED_STEPS, List.of()).run(0);
    return (System.nanoTime() - start) / NANOS / MEASURED_STEPS;
  }

  private TrainingLoop loop(ShuffledBatches batches, int steps, List<TrainingHook> hooks) {
    return new TrainingLoop(
        executable,
        new StepFunctions.Whole(step),
        number -> List.of(batches.at(number)),
        steps,
        hooks);
  }

  /** Steps done. */
  private int begin(long seed, RunState state) {
    if (state.exists()) return state.restore(executable);
    start(seed);
    return 0;
  }

  private void start(long seed) {
    Parameters parameters = Parameters.trained(model);
    if (checkpoint.isPresent()) {
      try (HfCheckpoint weights = HfCheckpoint.open(checkpoint.get())) {
        ModelWeights.load(weights, parameters, executable, LoadProgress.IGNORED);
      }
    } else {
      ModelWeights.initialize(parameters, seed, training.initializerRange(), executable);
    }
    TrainStep.resetOptimizer(step, executable);
  }

  /** The trained weights stay here until the next run. */
  Executable executable() {
    return executable;
  }

  /** Its model. */
  Gemma2Model<?> model() {
    return model;
  }

  /** Where it is trained. */
  ExecutionPath path() {
    return path;
  }

  ExecutionReport report() {
    return executable.report(STEP);
  }

  @Override
  public void close() {
    executable.close();
    teacher.ifPresent(TeacherFile::close);
  }
}
