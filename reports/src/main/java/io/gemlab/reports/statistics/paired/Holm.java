package io.gemlab.reports.statistics.paired;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Holm's step-down correction: with many comparisons, some look significant by chance. Comparing
 * the adjusted p-values with alpha keeps the chance of even one false alarm at alpha, whatever the
 * dependence between the comparisons.
 *
 * @see <a href="https://www.jstor.org/stable/4615733">Holm 1979, A simple sequentially rejective
 *     multiple test procedure</a>
 */
public final class Holm {
  private Holm() {}

  /**
   * Adjusts p-values of one family of comparisons.
   *
   * @param pValues each in [0, 1], in any order
   * @return the adjusted p-values in the same order: for the k-th smallest of m, the largest of (m
   *     - j + 1) p_j over all j up to k, at most 1
   */
  public static List<Double> adjust(List<Double> pValues) {
    for (double p : pValues) {
      if (!(p >= 0 && p <= 1)) {
        throw new IllegalArgumentException("p-value is " + p + "; it lies in [0, 1]");
      }
    }
    int m = pValues.size();
    List<Integer> ascending =
        IntStream.range(0, m).boxed().sorted(Comparator.comparing(pValues::get)).toList();
    List<Double> adjusted = new ArrayList<>(pValues);
    double atLeast = 0;
    for (int k = 0; k < m; k++) {
      int index = ascending.get(k);
      atLeast = Math.max(atLeast, Math.min(1, (m - k) * pValues.get(index)));
      adjusted.set(index, atLeast);
    }
    return List.copyOf(adjusted);
  }
}
