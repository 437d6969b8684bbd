package io.gemlab.reports.statistics.timing;

import io.gemlab.reports.statistics.Bootstrap;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.List;

/**
 * The median of a sample, which a stray slow timing can't move, with a percentile bootstrap
 * interval.
 *
 * <p>Error: below about five samples the interval is too narrow, as a bootstrap's is; take more.
 *
 * @param median in the unit of the samples
 * @param interval of the median, in the same unit
 */
public record MedianEstimate(double median, Interval interval) {
  /** Of fewer timings the interval is too narrow to be reported. */
  public static final int LEAST_SAMPLES = 5;

  /**
   * The median of some samples.
   *
   * @param samples at least two finite numbers
   */
  public static MedianEstimate of(List<Double> samples, Confidence confidence) {
    double[] sample = Bootstrap.sample("median", samples);
    return new MedianEstimate(
        Bootstrap.median(sample),
        Bootstrap.interval(
            random -> Bootstrap.median(Bootstrap.redrawn(sample, random)), confidence));
  }
}
