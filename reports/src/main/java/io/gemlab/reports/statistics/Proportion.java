package io.gemlab.reports.statistics;

import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * How often something happened, of how many times it could have.
 *
 * @param count how often, 0 to {@code n}
 * @param n of how many, 1 or more
 * @param interval Wilson's score interval of the share, in [0, 1]: it holds where the share is 0 or
 *     1 and the times are few, as the normal approximation does not (Wilson 1927, JASA 22:209)
 */
public record Proportion(int count, int n, Interval interval) {

  /**
   * Counts, with Wilson's interval.
   *
   * @throws IllegalArgumentException unless {@code count} is 0 to {@code n}, and {@code n} 1 or
   *     more
   */
  public static Proportion of(int count, int n, Confidence confidence) {
    if (n < 1 || count < 0 || count > n) {
      throw new IllegalArgumentException(
          "proportion is " + count + " of " + n + "; count 0 or more of 1 or more");
    }
    double z = NormalDistribution.of(0, 1).inverseSurvivalProbability(confidence.alpha() / 2);
    double share = (double) count / n;
    double squares = z * z / n;
    double middle = (share + squares / 2) / (1 + squares);
    double half = z * Math.sqrt(share * (1 - share) / n + squares / (4 * n)) / (1 + squares);
    return new Proportion(
        count,
        n,
        new Interval(count == 0 ? 0 : middle - half, count == n ? 1 : middle + half, confidence));
  }

  /** Of 1. */
  public double share() {
    return (double) count / n;
  }
}
