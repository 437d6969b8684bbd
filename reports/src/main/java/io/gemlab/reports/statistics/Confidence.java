package io.gemlab.reports.statistics;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * How sure an interval is to hold the true value, over many repetitions of the experiment.
 *
 * @param level in (0, 1), such as 0.95
 */
public record Confidence(double level) {
  /** The field's usual level. */
  public static final Confidence NINETY_FIVE = new Confidence(0.95);

  public Confidence {
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException(
          "confidence level is " + level + "; give a number between 0 and 1, such as 0.95");
    }
  }

  /** The chance of a false alarm that goes with this level: 0.05 for 0.95. */
  public double alpha() {
    return 1 - level;
  }

  /**
   * Student's t interval around an estimate.
   *
   * @param estimate in the unit of the interval
   * @param standardError of the estimate, in the same unit, 0 or more
   * @param degreesOfFreedom 1 or more
   */
  public Interval around(double estimate, double standardError, double degreesOfFreedom) {
    double t = TDistribution.of(degreesOfFreedom).inverseSurvivalProbability(alpha() / 2);
    double half = t * standardError;
    return new Interval(estimate - half, estimate + half, this);
  }
}
