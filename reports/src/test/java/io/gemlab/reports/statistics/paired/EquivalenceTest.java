package io.gemlab.reports.statistics.paired;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Sleep;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EquivalenceTest {
  /**
   * Expected numbers: statsmodels 0.15.0, {@code ttost_paired(second, first, -2.5, 2.5)}, and scipy
   * 1.17.1, {@code ttest_rel(...).confidence_interval(0.90)}.
   */
  @Test
  void agreesWithStatsmodelsOnStudentsSleepData() {
    Equivalence equivalence = Equivalence.of(Sleep.pairs(), new Margin(2.5), NINETY_FIVE);
    assertEquals(0.021116860246500745, equivalence.pValue(), 1e-14);
    assertEquals(0.8669947329707162, equivalence.interval().low(), 1e-12);
    assertEquals(2.293005267029284, equivalence.interval().high(), 1e-12);
  }

  /** Expected numbers: as above, with the margin 0.002. */
  @Test
  void agreesWithStatsmodelsOnLosses() {
    List<Pair> pairs =
        List.of(
            new Pair(1, 2.4131, 2.4139),
            new Pair(2, 2.4202, 2.4195),
            new Pair(3, 2.4087, 2.4096),
            new Pair(4, 2.4155, 2.4151),
            new Pair(5, 2.4119, 2.4127));
    Equivalence equivalence = Equivalence.of(pairs, new Margin(0.002), NINETY_FIVE);
    assertEquals(0.0036929585437676425, equivalence.pValue(), 1e-12);
    assertEquals(-0.00045044923339792426, equivalence.interval().low(), 1e-12);
    assertEquals(0.0010104492333978623, equivalence.interval().high(), 1e-12);
  }

  /** The interval lies inside the margin exactly when p is below alpha. */
  @Test
  void intervalAndPValueAgree() {
    Random random = new Random(5);
    for (int trial = 0; trial < 500; trial++) {
      List<Pair> pairs = new ArrayList<>();
      for (int seed = 0; seed < 6; seed++) {
        pairs.add(new Pair(seed, random.nextGaussian(), random.nextGaussian()));
      }
      double margin = 0.2 + 3 * random.nextDouble();
      Equivalence equivalence = Equivalence.of(pairs, new Margin(margin), NINETY_FIVE);
      boolean inside =
          equivalence.interval().low() > -margin && equivalence.interval().high() < margin;
      assertEquals(inside, equivalence.pValue() < 0.05);
    }
  }

  @Test
  void equalDifferencesSayLittleOfChance() {
    List<Pair> pairs = List.of(new Pair(1, 1, 2), new Pair(2, 5, 6));
    assertEquals(0.25, Equivalence.of(pairs, new Margin(1.5), NINETY_FIVE).pValue());
    assertEquals(1, Equivalence.of(pairs, new Margin(1), NINETY_FIVE).pValue());
  }

  @Test
  void refusesAMarginThatIsNone() {
    assertThrows(IllegalArgumentException.class, () -> new Margin(0));
    assertThrows(IllegalArgumentException.class, () -> new Margin(Double.NaN));
    assertThrows(
        IllegalArgumentException.class,
        () -> Equivalence.of(Sleep.pairs(), new Margin(1), new Confidence(0.4)));
  }
}
