package io.gemlab.reports.statistics.paired;

/**
 * The largest difference that does not matter, chosen before the experiment.
 *
 * @param difference in the measure's unit, finite and positive; a difference of this size in either
 *     direction counts as no difference
 */
public record Margin(double difference) {
  public Margin {
    if (!(difference > 0) || Double.isInfinite(difference)) {
      throw new IllegalArgumentException(
          "equivalence margin is "
              + difference
              + "; give the largest difference that does not matter, a positive number in the"
              + " measure's unit");
    }
  }
}
