package io.gemlab.experiments.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.text.TrainingRows;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.train.TrainStep;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The loss of the same batches, before the first step and at intervals. */
public final class Validation implements TrainingHook, Resumable {
  private static final String STEPS = "curve/validation/steps";
  private static final String LOSSES = "curve/validation/losses";

  private final Executable executable;
  private final String function;
  private final List<LabelledBatch> batches;
  private final Interval interval;
  private final List<Point> points = new ArrayList<>();

  /**
   * A point of the curve.
   *
   * @param steps steps done
   * @param loss the mean over all scored tokens of the batches
   */
  public record Point(int steps, float loss) {}

  /**
   * @param executable holds the weights
   * @param function the loss, as {@link TrainStep#traceLoss} traced it
   * @param batches at least one
   * @param interval when
   */
  public Validation(
      Executable executable, String function, List<LabelledBatch> batches, Interval interval) {
    this.executable = executable;
    this.function = function;
    this.batches = List.copyOf(batches);
    this.interval = interval;
  }

  /**
   * Sequences evenly spaced over all there are, as many as fill whole batches.
   *
   * @param sequences how many at most
   * @throws InvalidInput if they fill no batch
   */
  public static List<LabelledBatch> evenlySpaced(TrainingRows all, int sequences, int batchSize) {
    int wanted = Math.min(sequences, all.count());
    int count = wanted / batchSize;
    if (count == 0) {
      throw new InvalidInput(
          "validation has %d sequences, less than a batch of %d; give a larger validation_fraction or more validation_sequences, or a smaller batch"
              .formatted(wanted, batchSize));
    }
    List<LabelledBatch> batches = new ArrayList<>();
    for (int batch = 0; batch < count; batch++) {
      int[] numbers = new int[batchSize];
      for (int row = 0; row < batchSize; row++) {
        long number = (long) batch * batchSize + row;
        numbers[row] = (int) (number * all.count() / ((long) count * batchSize));
      }
      batches.add(all.batch(numbers));
    }
    return batches;
  }

  /** The curve so far. */
  public List<Point> points() {
    return Collections.unmodifiableList(points);
  }

  @Override
  public void onStart(int steps) {
    validate(steps);
  }

  @Override
  public void onStep(StepResult result) {
    validate(result.step());
  }

  private void validate(int steps) {
    boolean isDone = !points.isEmpty() && points.getLast().steps() == steps;
    if (interval.includes(steps) && !isDone) points.add(new Point(steps, loss(steps)));
  }

  private float loss(int steps) {
    double sum = 0;
    long tokens = 0;
    for (LabelledBatch batch : batches) {
      try (Results results = executable.run(function, batch.arguments())) {
        sum += results.get(TrainStep.LOSS_SUM).item();
        tokens += results.get(TrainStep.TOKENS).ints()[0];
      }
    }
    float mean = (float) (sum / tokens);
    if (!Float.isFinite(mean)) {
      throw new NotFiniteException(
          "diverged: the validation loss is " + mean + " after step " + steps);
    }
    return mean;
  }

  @Override
  public Map<String, HostTensor> saved() {
    int[] steps = points.stream().mapToInt(Point::steps).toArray();
    float[] losses = new float[points.size()];
    for (int i = 0; i < losses.length; i++) losses[i] = points.get(i).loss();
    return Map.of(
        STEPS, HostTensor.of(steps, steps.length), LOSSES, HostTensor.of(losses, losses.length));
  }

  @Override
  public void restore(Function<String, HostTensor> saved) {
    int[] steps = saved.apply(STEPS).ints();
    float[] losses = saved.apply(LOSSES).floats();
    points.clear();
    for (int i = 0; i < steps.length; i++) points.add(new Point(steps[i], losses[i]));
  }
}
