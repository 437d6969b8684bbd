package io.gemlab.reports.statistics.paired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HolmTest {
  /** Expected numbers: statsmodels 0.15.0, {@code multipletests(p, method='holm')}. */
  @Test
  void agreesWithStatsmodels() {
    assertAll(List.of(0.03, 0.06, 0.06, 0.02), Holm.adjust(List.of(0.01, 0.04, 0.03, 0.005)));
    assertAll(
        List.of(0.055, 0.08, 0.6, 0.03, 0.9, 0.08),
        Holm.adjust(List.of(0.011, 0.02, 0.3, 0.005, 0.9, 0.02)));
  }

  @Test
  void oneOrNoComparisonNeedsNoAdjustment() {
    assertEquals(List.of(0.04), Holm.adjust(List.of(0.04)));
    assertEquals(List.of(), Holm.adjust(List.of()));
  }

  /** Never smaller than the raw value, never larger than Bonferroni's, in the same order. */
  @Test
  void liesBetweenRawAndBonferroni() {
    Random random = new Random(3);
    for (int trial = 0; trial < 300; trial++) {
      List<Double> raw = new ArrayList<>();
      for (int i = random.nextInt(1, 20); i > 0; i--) raw.add(Math.pow(random.nextDouble(), 3));
      List<Double> adjusted = Holm.adjust(raw);
      for (int i = 0; i < raw.size(); i++) {
        assertTrue(adjusted.get(i) >= raw.get(i));
        assertTrue(adjusted.get(i) <= Math.min(1, raw.get(i) * raw.size()) + 1e-15);
        for (int j = 0; j < raw.size(); j++) {
          if (raw.get(i) < raw.get(j)) assertTrue(adjusted.get(i) <= adjusted.get(j));
        }
      }
      double smallest = Collections.min(raw);
      assertEquals(Math.min(1, smallest * raw.size()), Collections.min(adjusted), 1e-15);
    }
  }

  @Test
  void refusesWhatIsNoPValue() {
    assertThrows(IllegalArgumentException.class, () -> Holm.adjust(List.of(0.5, 1.5)));
    assertThrows(IllegalArgumentException.class, () -> Holm.adjust(List.of(Double.NaN)));
  }

  private static void assertAll(List<Double> expected, List<Double> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) assertEquals(expected.get(i), actual.get(i), 1e-12);
  }
}
