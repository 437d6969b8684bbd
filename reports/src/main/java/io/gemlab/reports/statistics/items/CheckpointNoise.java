package io.gemlab.reports.statistics.items;

import io.gemlab.reports.statistics.Checks;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How much a score moves from one of a run's last checkpoints to the next, which is noise to
 * whoever compares runs by it; and how large a difference between models is beside that.
 *
 * @param checkpoints how many
 * @param mean of their scores
 * @param deviation the standard deviation of their scores, with n - 1 in the denominator
 * @param signal how far the other model's score lies from the mean, over the mean of both; empty
 *     without another model
 * @see <a href="https://arxiv.org/abs/2508.13144">Heineman et al. 2025, Signal and noise</a>
 */
public record CheckpointNoise(
    int checkpoints, double mean, double deviation, OptionalDouble signal) {

  /**
   * Measures it.
   *
   * @param scores of the run's last checkpoints, two or more, in their order
   * @param other another model's score
   */
  public static CheckpointNoise of(List<Double> scores, OptionalDouble other) {
    double[] values = Checks.finite("checkpoints", scores);
    if (values.length < 2) {
      throw new IllegalArgumentException(
          values.length + " checkpoints; noise needs at least two, better five");
    }
    double sum = 0;
    for (double value : values) sum += value;
    double mean = sum / values.length;
    double squares = 0;
    for (double value : values) squares += (value - mean) * (value - mean);
    double deviation = Math.sqrt(squares / (values.length - 1));
    return new CheckpointNoise(
        values.length,
        mean,
        deviation,
        other.isEmpty()
            ? OptionalDouble.empty()
            : OptionalDouble.of(
                Math.abs(mean - other.getAsDouble()) / Math.abs((mean + other.getAsDouble()) / 2)));
  }

  /** The standard deviation over the mean, without unit; NaN or infinite where that is 0. */
  public double noise() {
    return deviation / Math.abs(mean);
  }

  /** Signal over noise; empty without another model, or where nothing moved. */
  public OptionalDouble ratio() {
    return signal.isEmpty() || deviation == 0 || mean == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(signal.getAsDouble() / noise());
  }
}
