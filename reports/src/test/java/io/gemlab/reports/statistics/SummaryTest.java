package io.gemlab.reports.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  /** Expected numbers: scipy 1.17.1, {@code stats.sem} and {@code stats.t.interval}. */
  @Test
  void agreesWithScipy() {
    List<Double> values = List.of(2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0);
    Summary summary = Summary.of(values, Confidence.NINETY_FIVE);
    assertEquals(8, summary.n());
    assertEquals(5, summary.mean(), 1e-15);
    assertEquals(4.5, summary.median());
    assertEquals(2, summary.min());
    assertEquals(9, summary.max());
    Summary.Spread spread = summary.spread().orElseThrow();
    assertEquals(2.138089935299395, spread.standardDeviation(), 1e-14);
    assertEquals(0.7559289460184544, spread.standardError(), 1e-14);
    assertEquals(3.21251208176379, spread.interval().low(), 1e-12);
    assertEquals(6.787487918236209, spread.interval().high(), 1e-12);

    Interval wide = Summary.of(values, new Confidence(0.99)).spread().orElseThrow().interval();
    assertEquals(2.354639279424657, wide.low(), 1e-12);
    assertEquals(7.6453607205753435, wide.high(), 1e-12);
  }

  @Test
  void oneValueHasNoSpread() {
    Summary summary = Summary.of(List.of(3.5), Confidence.NINETY_FIVE);
    assertEquals(3.5, summary.mean());
    assertEquals(3.5, summary.median());
    assertTrue(summary.spread().isEmpty());
  }

  @Test
  void equalValuesHaveAnIntervalOfOnePoint() {
    Summary summary = Summary.of(List.of(0.1, 0.1, 0.1), Confidence.NINETY_FIVE);
    assertEquals(0, summary.spread().orElseThrow().interval().halfWidth(), 1e-17);
  }

  @Test
  void refusesNothingAndNotANumber() {
    assertThrows(
        IllegalArgumentException.class, () -> Summary.of(List.of(), Confidence.NINETY_FIVE));
    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> Summary.of(List.of(1.0, Double.NaN), Confidence.NINETY_FIVE));
    assertTrue(thrown.getMessage().contains("value 2 of 2 is NaN"), thrown.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Confidence(1));
  }
}
