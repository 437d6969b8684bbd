package io.gemlab.reports.statistics.paired;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Does an arm differ from the control, given runs of both under the same seeds? Student's t on the
 * differences of the pairs, which takes out what a seed does to both arms alike. Differences are
 * arm - control, in the measure's unit.
 *
 * <p>Where all differences are the same number, there is no scatter to judge chance by: the
 * interval is that number and Cohen's d infinite, but the p-value is {@link SignFlip}'s, 2^(1 - n),
 * since a limit of 0 would call any handful of equal differences certain. Where the number is zero,
 * it is 1 and d is 0.
 *
 * @param n how many pairs, 2 or more
 * @param meanDifference the mean of arm - control
 * @param standardDeviation of the differences, with n - 1 in the denominator
 * @param standardError of the mean difference
 * @param interval Student's t interval of the mean difference, n - 1 degrees of freedom
 * @param pValue two-sided, of the hypothesis that the mean difference is zero; for several arms see
 *     {@link Holm}
 * @param signFlipPValue of {@link SignFlip}, which supposes no normal distribution; empty for many
 *     pairs
 * @param cohensDz the size of the effect without a unit: meanDifference / standardDeviation (Cohen
 *     1988, section 2.3.5; d_z of Lakens 2013, equation 6)
 */
public record PairedComparison(
    int n,
    double meanDifference,
    double standardDeviation,
    double standardError,
    Interval interval,
    double pValue,
    OptionalDouble signFlipPValue,
    double cohensDz) {

  /**
   * Compares an arm with the control.
   *
   * @throws IllegalArgumentException if there are fewer than two pairs, or a seed comes twice
   */
  public static PairedComparison of(List<Pair> pairs, Confidence confidence) {
    Differences differences = Differences.of(pairs);
    return new PairedComparison(
        differences.n(),
        differences.mean(),
        differences.standardDeviation(),
        differences.standardError(),
        confidence.around(
            differences.mean(), differences.standardError(), differences.degreesOfFreedom()),
        pValue(differences),
        SignFlip.pValue(pairs),
        differences.mean() == 0 ? 0 : differences.mean() / differences.standardDeviation());
  }

  private static double pValue(Differences differences) {
    if (differences.mean() == 0) return 1;
    if (differences.allEqual()) return Math.pow(2, 1 - differences.n());
    double t = Math.abs(differences.mean()) / differences.standardError();
    double tail = TDistribution.of(differences.degreesOfFreedom()).survivalProbability(t);
    return Math.min(1, 2 * tail);
  }
}
