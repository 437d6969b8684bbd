package io.gemlab.reports.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.apache.commons.statistics.descriptive.Median;
import org.apache.commons.statistics.descriptive.Quantile;

/**
 * Percentile bootstrap intervals: the samples are drawn anew with replacement, many times. The
 * draws are seeded, so equal samples give an equal interval.
 *
 * @see <a href="https://doi.org/10.1201/9780429246593">Efron and Tibshirani 1993, An introduction
 *     to the bootstrap, section 13.3</a>
 */
public final class Bootstrap {
  /** The ends of a 95 % interval then move by about 1 % of its width from seed to seed. */
  private static final int RESAMPLES = 9_999;

  /** Any number would do; a fixed one makes reports repeat to the byte. */
  private static final long SEED = 20_260_101;

  private Bootstrap() {}

  /**
   * The interval of a statistic.
   *
   * @param redrawn the statistic of samples drawn anew
   */
  public static Interval interval(
      ToDoubleFunction<UniformRandomProvider> redrawn, Confidence confidence) {
    UniformRandomProvider random = RandomSource.L64_X128_MIX.create(SEED);
    double[] statistics = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) statistics[i] = redrawn.applyAsDouble(random);
    Arrays.sort(statistics);
    double[] ends =
        Quantile.withDefaults()
            .evaluate(statistics, confidence.alpha() / 2, 1 - confidence.alpha() / 2);
    return new Interval(ends[0], ends[1], confidence);
  }

  /**
   * A sample that can be drawn from.
   *
   * @throws IllegalArgumentException if it has below two values, or one is not finite
   */
  public static double[] sample(String what, List<Double> values) {
    double[] sample = Checks.finite(what, values);
    if (sample.length < 2) {
      throw new IllegalArgumentException(
          what + " has " + sample.length + " samples; a bootstrap needs at least 2, better 10");
    }
    return sample;
  }

  public static double[] redrawn(double[] sample, UniformRandomProvider random) {
    double[] drawn = new double[sample.length];
    for (int i = 0; i < drawn.length; i++) drawn[i] = sample[random.nextInt(sample.length)];
    return drawn;
  }

  public static double median(double[] sample) {
    return Median.withDefaults().evaluate(sample);
  }
}
