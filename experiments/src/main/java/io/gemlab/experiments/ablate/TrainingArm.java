package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Training;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.base.text.ShuffledBatches;
import io.gemlab.graph.base.text.TokenSequences;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.ModelWeights;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/** One arm, traced and compiled once, and trained under one seed after the other. */
final class TrainingArm implements AutoCloseable {
  private static final String STEP = "step";
  private static final String LOSS = "loss";
  private static final double FINAL_RATE = 0.1;

  private final Training training;
  private final Gemma2Model<?> model;
  private final TrainingText text;
  private final GraphFunction step;
  private final ExecutionPath path;
  private final Executable executable;

  /**
   * Traces and loads the arm.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if it can't be run as asked
   */
  TrainingArm(Training training, Gemma2Config config, OpChoice ops, TrainingText text) {
    this.training = training;
    this.model = new Gemma2Model<>(config, ops, Choices.precision(training.dtype()).type());
    this.text = text;
    TrainStep<?> trainStep =
        new TrainStep<>(
            model,
            new TrainingLoss.BatchShape(training.batch(), training.length()),
            new NextTokenLoss());
    this.step = trainStep.trace(STEP, optimizer(training));
    this.path = training.path(config);
    this.executable = path.load(List.of(step, trainStep.traceLoss(LOSS)));
  }

  private static TrainStep.Optimizer optimizer(Training training) {
    return new TrainStep.Optimizer(
        new AdamW(0.9, 0.95, 1e-8, training.weightDecay()),
        new LearningRate(
            training.learningRate(), training.warmupSteps(), training.steps(), FINAL_RATE),
        OptionalDouble.of(training.maxGradNorm()));
  }

  /**
   * Trains under a seed, from where a saved state stands or from fresh weights.
   *
   * @param file where the state is kept while the run is not complete
   * @param monitor is told of every step, and may stop the run: then the state is on disk
   * @return the curves of the whole run
   * @throws NotFiniteException if a loss or the gradients' norm is NaN or infinite
   */
  Curves run(long seed, Path file, RunMonitor monitor) {
    TrainingState state = new TrainingState(file, states());
    Curves curves = begin(seed, state);
    monitor.worked(curves.steps());
    ShuffledBatches batches =
        new ShuffledBatches(text.sequences().training(), training.batch(), seed);
    try {
      while (true) {
        if (curves.validationDue(training.steps())) {
          curves.validation().add(validate(curves.steps()));
          if (curves.steps() > 0) state.save(executable, curves);
        }
        if (curves.steps() == training.steps()) return curves;
        monitor.check();
        try (Results results = executable.run(STEP, batches.at(curves.steps()).arguments())) {
          requireFinite(results, curves.steps() + 1);
          curves.training().add(results.get(TrainStep.LOSS).item());
        }
        monitor.worked(1);
      }
    } catch (RunMonitor.Stopped stopped) {
      state.save(executable, curves);
      throw stopped;
    }
  }

  /**
   * Checks the gradients' norm too: clipping would turn a gradient that overflowed into zeros and
   * train on.
   */
  private static void requireFinite(Results results, int step) {
    for (String result : List.of(TrainStep.LOSS, TrainStep.GRADIENT_NORM)) {
      float value = results.get(result).item();
      if (!Float.isFinite(value)) {
        throw new NotFiniteException(
            "diverged: %s is %s in step %d".formatted(result, value, step));
      }
    }
  }

  private List<TensorSpec> states() {
    return step.state().stream().map(GraphFunction.Input::spec).toList();
  }

  private Curves begin(long seed, TrainingState state) {
    if (state.exists()) return state.restore(executable, training.evaluateEvery());
    ModelWeights.initialize(model, seed, executable, ElementType.F32);
    TrainStep.resetOptimizer(step, executable);
    return new Curves(training.evaluateEvery());
  }

  /** The mean loss of evenly spaced validation sequences, as many as fill whole batches. */
  private float validate(int steps) {
    TokenSequences sequences = text.sequences().validation();
    int wanted = Math.min(training.validationSequences(), sequences.count());
    int batches = wanted / training.batch();
    double sum = 0;
    for (int batch = 0; batch < batches; batch++) {
      int[] numbers = new int[training.batch()];
      for (int row = 0; row < numbers.length; row++) {
        long number = batch * numbers.length + row;
        numbers[row] = (int) (number * sequences.count() / (batches * numbers.length));
      }
      try (Results results = executable.run(LOSS, sequences.batch(numbers).arguments())) {
        sum += results.get(TrainStep.LOSS).item();
      }
    }
    float mean = (float) (sum / batches);
    if (!Float.isFinite(mean)) {
      throw new NotFiniteException(
          "diverged: the validation loss is " + mean + " after step " + steps);
    }
    return mean;
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
  }
}
