package io.gemlab.reports.statistics.paired;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;

/**
 * The differences of paired runs: what every paired test starts from.
 *
 * @param n how many pairs, 2 or more
 * @param mean of arm - control
 * @param standardDeviation of arm - control, n - 1 in the denominator
 */
record Differences(int n, double mean, double standardDeviation) {
  /** Relative to the values: a smaller scatter is their rounding, and counts as none. */
  private static final double ROUNDING = 1e-12;

  static Differences of(List<Pair> pairs) {
    if (pairs.size() < 2) {
      throw new IllegalArgumentException(
          "a paired comparison of "
              + pairs.size()
              + (pairs.size() == 1 ? " seed" : " seeds")
              + " says nothing about chance; run both arms under at least 2 common seeds, better 3");
    }
    Set<Long> seeds = new HashSet<>();
    for (Pair pair : pairs) {
      if (!seeds.add(pair.seed())) {
        throw new IllegalArgumentException(
            "seed " + pair.seed() + " comes twice; a pair is one run of each arm");
      }
    }
    double[] differences = pairs.stream().mapToDouble(Pair::difference).toArray();
    DoubleStatistics statistics =
        DoubleStatistics.of(EnumSet.of(Statistic.MEAN, Statistic.STANDARD_DEVIATION), differences);
    double largest =
        pairs.stream()
            .mapToDouble(pair -> Math.max(Math.abs(pair.control()), Math.abs(pair.arm())))
            .max()
            .orElseThrow();
    double deviation = statistics.getAsDouble(Statistic.STANDARD_DEVIATION);
    return new Differences(
        pairs.size(),
        statistics.getAsDouble(Statistic.MEAN),
        deviation <= ROUNDING * largest ? 0 : deviation);
  }

  /** Whether all differences are the same number, so that their scatter says nothing of chance. */
  boolean allEqual() {
    return standardDeviation == 0;
  }

  double standardError() {
    return standardDeviation / Math.sqrt(n);
  }

  int degreesOfFreedom() {
    return n - 1;
  }
}
