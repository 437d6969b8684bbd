package io.gemlab.reports.statistics;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Median;
import org.apache.commons.statistics.descriptive.Statistic;

/**
 * One sample in a few numbers, all in the unit of its values.
 *
 * @param n how many values, 1 or more
 * @param mean the arithmetic mean
 * @param median the middle value, or the mean of the two middle ones
 * @param min the smallest value
 * @param max the largest value
 * @param spread how far the values scatter; empty for a single value, which can't say
 */
public record Summary(
    int n, double mean, double median, double min, double max, Optional<Spread> spread) {

  /**
   * The scatter of a sample of at least two values.
   *
   * @param standardDeviation of the values, with n - 1 in the denominator
   * @param standardError of the mean: standardDeviation / sqrt(n)
   * @param interval Student's t interval of the mean
   */
  public record Spread(double standardDeviation, double standardError, Interval interval) {}

  /**
   * Summarises the values.
   *
   * @throws IllegalArgumentException if there are none, or one is not finite
   */
  public static Summary of(List<Double> values, Confidence confidence) {
    double[] sample = Checks.finite("summary", values);
    if (sample.length == 0) {
      throw new IllegalArgumentException("summary of no values; give at least one");
    }
    DoubleStatistics statistics =
        DoubleStatistics.of(
            EnumSet.of(Statistic.MEAN, Statistic.STANDARD_DEVIATION, Statistic.MIN, Statistic.MAX),
            sample);
    double mean = statistics.getAsDouble(Statistic.MEAN);
    return new Summary(
        sample.length,
        mean,
        Median.withDefaults().evaluate(sample),
        statistics.getAsDouble(Statistic.MIN),
        statistics.getAsDouble(Statistic.MAX),
        sample.length == 1
            ? Optional.empty()
            : Optional.of(
                spread(
                    mean,
                    statistics.getAsDouble(Statistic.STANDARD_DEVIATION),
                    sample.length,
                    confidence)));
  }

  private static Spread spread(
      double mean, double standardDeviation, int n, Confidence confidence) {
    double standardError = standardDeviation / Math.sqrt(n);
    return new Spread(
        standardDeviation, standardError, confidence.around(mean, standardError, n - 1));
  }
}
