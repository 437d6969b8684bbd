package io.gemlab.reports.statistics.paired;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.statistics.Sleep;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.statistics.inference.TTest;
import org.junit.jupiter.api.Test;

class PairedComparisonTest {
  /**
   * R's {@code t.test(sleep, paired)}: t = 4.0621, df = 9, p = 0.002833, interval 0.7001142 to
   * 2.4598858. The further digits are scipy 1.17.1's {@code stats.ttest_rel}.
   */
  @Test
  void agreesWithStudentsSleepData() {
    PairedComparison comparison = PairedComparison.of(Sleep.pairs(), NINETY_FIVE);
    assertEquals(10, comparison.n());
    assertEquals(1.58, comparison.meanDifference(), 1e-14);
    assertEquals(1.2299954832798732, comparison.standardDeviation(), 1e-14);
    assertEquals(0.3889587238883952, comparison.standardError(), 1e-14);
    assertEquals(0.7001142367230175, comparison.interval().low(), 1e-12);
    assertEquals(2.459885763276983, comparison.interval().high(), 1e-12);
    assertEquals(0.002832890197384273, comparison.pValue(), 1e-14);
    assertEquals(1.2845575625910546, comparison.cohensDz(), 1e-14);
  }

  /** The interval leaves out zero exactly when p is below alpha, and the sign follows the order. */
  @Test
  void intervalAndPValueAgree() {
    Random random = new Random(11);
    for (int trial = 0; trial < 500; trial++) {
      List<Pair> pairs = new ArrayList<>();
      List<Pair> swapped = new ArrayList<>();
      int n = random.nextInt(2, 12);
      for (int seed = 0; seed < n; seed++) {
        Pair pair = new Pair(seed, random.nextGaussian(), 0.5 + random.nextGaussian());
        pairs.add(pair);
        swapped.add(new Pair(seed, pair.arm(), pair.control()));
      }
      PairedComparison comparison = PairedComparison.of(pairs, NINETY_FIVE);
      assertEquals(comparison.pValue() >= 0.05, comparison.interval().contains(0));
      PairedComparison mirrored = PairedComparison.of(swapped, NINETY_FIVE);
      assertEquals(-comparison.meanDifference(), mirrored.meanDifference(), 1e-14);
      assertEquals(comparison.pValue(), mirrored.pValue(), 1e-12);
      double library =
          TTest.withDefaults()
              .pairedTest(
                  pairs.stream().mapToDouble(Pair::arm).toArray(),
                  pairs.stream().mapToDouble(Pair::control).toArray())
              .getPValue();
      assertEquals(library, comparison.pValue(), 1e-12);
    }
  }

  @Test
  void equalDifferencesSayLittleOfChance() {
    List<Pair> pairs = List.of(new Pair(1, 1, 3), new Pair(2, 5, 7));
    PairedComparison comparison = PairedComparison.of(pairs, NINETY_FIVE);
    assertEquals(0.5, comparison.pValue());
    assertEquals(Double.POSITIVE_INFINITY, comparison.cohensDz());
    assertEquals(2, comparison.interval().low());
    assertEquals(2, comparison.interval().high());

    List<Pair> five =
        IntStream.range(0, 5).mapToObj(i -> new Pair(i, 3.1 + 0.7 * i, 3.2 + 0.7 * i)).toList();
    assertEquals(2 / 32.0, PairedComparison.of(five, NINETY_FIVE).pValue());

    List<Pair> same = List.of(new Pair(1, 1, 1), new Pair(2, 5, 5));
    PairedComparison none = PairedComparison.of(same, NINETY_FIVE);
    assertEquals(1, none.pValue());
    assertEquals(0, none.cohensDz());
  }

  @Test
  void refusesWhatSaysNothingAboutChance() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> PairedComparison.of(List.of(new Pair(1, 2, 3)), NINETY_FIVE));
    assertTrue(thrown.getMessage().contains("at least 2 common seeds"), thrown.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> PairedComparison.of(List.of(new Pair(1, 2, 3), new Pair(1, 2, 4)), NINETY_FIVE));
    assertThrows(IllegalArgumentException.class, () -> new Pair(1, Double.NaN, 0));
  }
}
