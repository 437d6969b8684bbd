package io.gemlab.reports.statistics.paired;

import java.util.List;
import java.util.OptionalDouble;

/**
 * The sign-flip test of paired differences: were neither arm better, each difference could as well
 * have had the other sign. Exact, by going through all 2^n choices of signs, so that ties, equal
 * differences and zeros need no correction; it supposes symmetry about zero and no normal
 * distribution. With n pairs no p-value is below 2^(1 - n): 0.25 for 3, 0.03 for 6.
 *
 * @see <a href="https://doi.org/10.1201/9781420011814">Edgington and Onghena 2007, Randomization
 *     tests, chapter 4</a>
 */
public final class SignFlip {
  /** Pairs up to which all choices are gone through: half a million. */
  public static final int MOST_PAIRS = 20;

  /** Sums that differ by less are the same sum, added in another order. */
  private static final double ROUNDING = 1e-9;

  private SignFlip() {}

  /**
   * The two-sided p-value of "neither arm is better": the share of choices whose sum is at least as
   * far from zero as the one seen. 1 where all differences are zero.
   *
   * @return empty for more than {@link #MOST_PAIRS} pairs, where Student's t serves as well
   */
  public static OptionalDouble pValue(List<Pair> pairs) {
    int n = pairs.size();
    if (n > MOST_PAIRS) return OptionalDouble.empty();
    double[] differences = pairs.stream().mapToDouble(Pair::difference).toArray();
    double seen = 0;
    double size = 0;
    for (double difference : differences) {
      seen += difference;
      size += Math.abs(difference);
    }
    double atLeast = Math.abs(seen) - ROUNDING * size;
    int choices = 1 << (n - 1); // the other half mirrors these
    int extreme = 0;
    for (int choice = 0; choice < choices; choice++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += (choice >> i & 1) == 0 ? differences[i] : -differences[i];
      }
      if (Math.abs(sum) >= atLeast) extreme++;
    }
    return OptionalDouble.of((double) extreme / choices);
  }
}
