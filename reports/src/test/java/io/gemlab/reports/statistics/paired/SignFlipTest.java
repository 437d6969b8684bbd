package io.gemlab.reports.statistics.paired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * By hand: a share of 2^n sums. Libraries' tests of small samples approximate here, or give NaN.
 */
class SignFlipTest {
  @Test
  void countsTheSumsAsFarFromZero() {
    // 1 + 2 + 4 = 7 alone is as far as 7: 2 of 8 with its mirror.
    assertEquals(2 / 8.0, p(1, 2, 4));
    // -1 + 2 + 4 = 5; as far are 7 and 5: 4 of 8.
    assertEquals(4 / 8.0, p(-1, 2, 4));
  }

  @Test
  void tiesAreCountedExactly() {
    // Of +-1 +-1 +-2 +-2 the sums 6 (2 ways) and 4 (4 ways) are at least as far as 4.
    assertEquals(6 / 16.0, p(1, -1, 2, 2));
  }

  @Test
  void fiveEqualDifferencesAreNotSignificant() {
    assertEquals(2 / 32.0, p(0.1, 0.1, 0.1, 0.1, 0.1));
    // The same from values whose differences are not equal to the bit.
    List<Pair> pairs =
        IntStream.range(0, 5)
            .mapToObj(i -> new Pair(i, 3.1 + 0.7 * i, 3.1 + 0.7 * i + 0.1))
            .toList();
    assertEquals(2 / 32.0, SignFlip.pValue(pairs).orElseThrow());
  }

  @Test
  void identicalPairsDontDiffer() {
    assertEquals(1, p(0, 0, 0, 0));
  }

  @Test
  void zerosStay() {
    assertEquals(2 / 8.0 * 2, p(0, 3, 5), "a zero doubles each sum");
  }

  @Test
  void manyPairsAreLeftToStudentsT() {
    double[] differences = IntStream.rangeClosed(1, 21).mapToDouble(i -> i).toArray();
    assertEquals(OptionalDouble.empty(), SignFlip.pValue(pairs(differences)));
    double[] most = IntStream.rangeClosed(1, 20).mapToDouble(i -> i).toArray();
    assertTrue(p(most) > 0);
    assertEquals(Math.pow(2, -19), p(most));
  }

  private static double p(double... differences) {
    return SignFlip.pValue(pairs(differences)).orElseThrow();
  }

  private static List<Pair> pairs(double... differences) {
    return IntStream.range(0, differences.length)
        .mapToObj(i -> new Pair(i, 0, differences[i]))
        .toList();
  }
}
