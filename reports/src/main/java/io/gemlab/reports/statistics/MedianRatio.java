package io.gemlab.reports.statistics;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.apache.commons.statistics.descriptive.Median;
import org.apache.commons.statistics.descriptive.Quantile;

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
  /** The ends of a 95 % interval then move by about 1 % of its width from seed to seed. */
  private static final int RESAMPLES = 9_999;

  /** Any number would do; a fixed one makes reports repeat to the byte. */
  private static final long SEED = 20_260_101;

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
    UniformRandomProvider random = RandomSource.L64_X128_MIX.create(SEED);
    double[] ratios = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      ratios[i] = median(resampled(above, random)) / median(resampled(below, random));
    }
    Arrays.sort(ratios);
    double[] ends =
        Quantile.withDefaults()
            .evaluate(ratios, confidence.alpha() / 2, 1 - confidence.alpha() / 2);
    return new MedianRatio(
        median(above) / median(below), new Interval(ends[0], ends[1], confidence));
  }

  private static double[] positive(String what, List<Double> values) {
    double[] sample = Checks.finite(what, values);
    if (sample.length < 2) {
      throw new IllegalArgumentException(
          what + " has " + sample.length + " samples; a bootstrap needs at least 2, better 10");
    }
    for (double value : sample) {
      if (value <= 0) {
        throw new IllegalArgumentException(
            what + " has a sample of " + value + "; a ratio of timings needs positive numbers");
      }
    }
    return sample;
  }

  private static double[] resampled(double[] sample, UniformRandomProvider random) {
    double[] drawn = new double[sample.length];
    for (int i = 0; i < drawn.length; i++) drawn[i] = sample[random.nextInt(sample.length)];
    return drawn;
  }

  private static double median(double[] sample) {
    return Median.withDefaults().evaluate(sample);
  }
}
