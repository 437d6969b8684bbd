package io.gemlab.reports.statistics.paired;

import io.gemlab.reports.statistics.Confidence;
import java.util.OptionalInt;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * How many pairs {@link Equivalence} wants, to find an arm equivalent that is.
 *
 * <p>The power at n pairs, where the true difference is zero, is taken as {@code 2 T(sqrt(n) margin
 * / sd - t) - 1} with Student's T of n - 1 degrees of freedom and its one-sided critical value t:
 * an approximation by the central distribution, good to some hundredths from five pairs on.
 *
 * @see <a href="https://doi.org/10.1007/BF01063556">Phillips 1990, Power of the two one-sided tests
 *     procedure in bioequivalence</a>
 */
public final class EquivalencePower {
  /** No study has more. */
  private static final int MOST = 1000;

  private EquivalencePower() {}

  /**
   * The fewest pairs with at least a power, by those that there are. Few pairs seldom tell the
   * scatter: theirs is taken at its one-sided upper limit, so that with an assurance of the same
   * probability so many pairs have the power.
   *
   * @param seen pairs that there are, with unequal differences
   * @param confidence of the test, as {@link Equivalence#of} has it
   * @param power a probability: 0.8 as a rule
   * @return empty where a thousand are not enough
   * @see <a href="https://doi.org/10.1002/sim.4780141709">Browne 1995, On the use of a pilot sample
   *     for sample size determination</a>
   */
  public static OptionalInt pairs(
      PairedComparison seen, Margin margin, Confidence confidence, double power) {
    double degrees = seen.n() - 1.0;
    double least = ChiSquaredDistribution.of(degrees).inverseCumulativeProbability(1 - power);
    return pairs(seen.standardDeviation() * Math.sqrt(degrees / least), margin, confidence, power);
  }

  /**
   * The same for differences whose scatter is known.
   *
   * @param standardDeviation above 0 and finite
   */
  static OptionalInt pairs(
      double standardDeviation, Margin margin, Confidence confidence, double power) {
    for (int n = 2; n <= MOST; n++) {
      if (power(n, standardDeviation, margin, confidence) >= power) return OptionalInt.of(n);
    }
    return OptionalInt.empty();
  }

  private static double power(
      int n, double standardDeviation, Margin margin, Confidence confidence) {
    TDistribution t = TDistribution.of(n - 1.0);
    double critical = t.inverseSurvivalProbability(confidence.alpha());
    double margins = Math.sqrt(n) * margin.difference() / standardDeviation;
    return 2 * t.cumulativeProbability(margins - critical) - 1;
  }
}
