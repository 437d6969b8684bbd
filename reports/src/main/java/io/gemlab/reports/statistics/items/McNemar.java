package io.gemlab.reports.statistics.items;

import java.util.List;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * Do two models answer other items right? The exact test of the items of which one was answered
 * right by one model alone: were neither better, each would go to either with equal chance.
 *
 * @param onlyFirst items that only the first answered right
 * @param onlySecond items that only the second answered right
 * @param pValue two-sided; 1 where there are no such items
 * @see <a href="https://doi.org/10.1007/BF02295996">McNemar 1947</a>
 */
public record McNemar(int onlyFirst, int onlySecond, double pValue) {

  /**
   * Tests.
   *
   * @param items each value 0 or 1
   * @throws IllegalArgumentException if one is another number
   */
  public static McNemar of(List<PairedItem> items) {
    int onlyFirst = 0;
    int onlySecond = 0;
    for (PairedItem item : items) {
      if (!isAnswer(item.first()) || !isAnswer(item.second())) {
        throw new IllegalArgumentException(
            "McNemar's test of " + item + "; give 0 for a wrong answer and 1 for a right one");
      }
      if (item.first() > item.second()) onlyFirst++;
      if (item.first() < item.second()) onlySecond++;
    }
    return new McNemar(onlyFirst, onlySecond, pValue(onlyFirst, onlySecond));
  }

  /** Whether values are right and wrong answers, of which there is such a test. */
  public static boolean fits(List<PairedItem> items) {
    return items.stream().allMatch(item -> isAnswer(item.first()) && isAnswer(item.second()));
  }

  private static boolean isAnswer(double value) {
    return value == 0 || value == 1;
  }

  private static double pValue(int a, int b) {
    int n = a + b;
    if (n == 0) return 1;
    return Math.min(1, 2 * BinomialDistribution.of(n, 0.5).cumulativeProbability(Math.min(a, b)));
  }
}
