package io.gemlab.reports.statistics.paired;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * "No difference" as a tested finding: two one-sided t tests (TOST) on paired differences. A large
 * p-value of {@link PairedComparison} only says that no difference was found; this says that there
 * is none larger than a stated margin.
 *
 * @param margin the largest difference that does not matter
 * @param pValue of the hypothesis that the true difference reaches the margin on either side: the
 *     larger of the two one-sided p-values
 * @param interval of the mean difference, at level 1 - 2 alpha (90 % for 95 %): it lies inside the
 *     margin exactly when {@code pValue} is below alpha
 * @see <a href="https://doi.org/10.1007/BF01068419">Schuirmann 1987, A comparison of the two
 *     one-sided tests procedure</a>
 */
public record Equivalence(Margin margin, double pValue, Interval interval) {

  /**
   * Tests whether an arm equals the control within a margin.
   *
   * @param confidence above 0.5, since two one-sided tests share its alpha
   * @throws IllegalArgumentException if there are fewer than two pairs, or a seed comes twice
   */
  public static Equivalence of(List<Pair> pairs, Margin margin, Confidence confidence) {
    if (confidence.level() <= 0.5) {
      throw new IllegalArgumentException(
          "confidence level is "
              + confidence.level()
              + "; an equivalence test needs more than 0.5");
    }
    Differences differences = Differences.of(pairs);
    return new Equivalence(
        margin,
        Math.max(
            below(margin.difference(), differences),
            below(margin.difference(), mirrored(differences))),
        new Confidence(1 - 2 * confidence.alpha())
            .around(
                differences.mean(), differences.standardError(), differences.degreesOfFreedom()));
  }

  /** The one-sided p-value of "the mean difference is at least the bound". */
  private static double below(double bound, Differences differences) {
    double distance = differences.mean() - bound;
    // No scatter to judge chance by: that all n lie on this side by chance has this probability.
    if (differences.allEqual()) return distance < 0 ? Math.pow(2, -differences.n()) : 1;
    return TDistribution.of(differences.degreesOfFreedom())
        .cumulativeProbability(distance / differences.standardError());
  }

  private static Differences mirrored(Differences differences) {
    return new Differences(differences.n(), -differences.mean(), differences.standardDeviation());
  }
}
