package io.gemlab.reports.statistics.timing;

import io.gemlab.reports.statistics.Bootstrap;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.List;

/**
 * How many times larger one timing is than another: the ratio of the medians, which a stray slow
 * sample can't move, with a percentile bootstrap interval (both samples drawn anew with
 * replacement). The draws are seeded, so equal samples give an equal interval.
 *
 * <p>Error: below about five samples a side the interval is too narrow, as a bootstrap's is; take
 * more.
 *
 * @param ratio median(numerator) / median(denominator), without unit
 * @param interval of the ratio
 * @see <a href="https://doi.org/10.1201/9780429246593">Efron and Tibshirani 1993, An introduction
 *     to the bootstrap, section 13.3</a>
 */
public record MedianRatio(double ratio, Interval interval) {
  /**
   * The ratio of two timings.
   *
   * @param numerator at least two positive finite samples
   * @param denominator at least two positive finite samples in the same unit
   */
  public static MedianRatio of(
      List<Double> numerator, List<Double> denominator, Confidence confidence) {
    double[] above = positive("numerator", numerator);
    double[] below = positive("denominator", denominator);
    return new MedianRatio(
        Bootstrap.median(above) / Bootstrap.median(below),
        Bootstrap.interval(
            random ->
                Bootstrap.median(Bootstrap.redrawn(above, random))
                    / Bootstrap.median(Bootstrap.redrawn(below, random)),
            confidence));
  }

  private static double[] positive(String what, List<Double> values) {
    double[] sample = Bootstrap.sample(what, values);
    for (double value : sample) {
      if (value <= 0) {
        throw new IllegalArgumentException(
            what + " has a sample of " + value + "; a ratio of timings needs positive numbers");
      }
    }
    return sample;
  }
}
