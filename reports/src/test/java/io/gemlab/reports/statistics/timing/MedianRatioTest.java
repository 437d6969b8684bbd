package io.gemlab.reports.statistics.timing;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class MedianRatioTest {
  private static final List<Double> SLOW = List.of(10.0, 12.0, 11.0, 15.0, 13.0);
  private static final List<Double> FAST = List.of(5.0, 6.0, 5.5, 7.0, 5.2);

  /**
   * Five samples have 3125 resamples, so the bootstrap distribution can be listed whole. Listed in
   * Python (itertools.product over both sides), its distribution function passes 0.025 at 5 / 3
   * (0.0184 before, 0.0334 after) and 0.975 at 30 / 11 (0.9605 before, 0.9816 after).
   */
  @Test
  void agreesWithTheWholeBootstrapDistribution() {
    MedianRatio ratio = MedianRatio.of(SLOW, FAST, NINETY_FIVE);
    assertEquals(12 / 5.5, ratio.ratio(), 1e-15);
    assertEquals(5.0 / 3, ratio.interval().low(), 1e-15);
    assertEquals(30.0 / 11, ratio.interval().high(), 1e-15);
  }

  @Test
  void equalInputGivesEqualOutput() {
    assertEquals(MedianRatio.of(SLOW, FAST, NINETY_FIVE), MedianRatio.of(SLOW, FAST, NINETY_FIVE));
  }

  @Test
  void aStraySampleDoesNotMoveIt() {
    List<Double> stray = List.of(10.0, 12.0, 11.0, 1500.0, 13.0);
    assertEquals(12 / 5.5, MedianRatio.of(stray, FAST, NINETY_FIVE).ratio());
  }

  @Test
  void refusesWhatIsNoTiming() {
    assertThrows(
        IllegalArgumentException.class, () -> MedianRatio.of(List.of(1.0), FAST, NINETY_FIVE));
    assertThrows(
        IllegalArgumentException.class, () -> MedianRatio.of(List.of(0.0, 1.0), FAST, NINETY_FIVE));
    assertThrows(
        IllegalArgumentException.class,
        () -> MedianRatio.of(SLOW, List.of(1.0, Double.POSITIVE_INFINITY), NINETY_FIVE));
  }
}
