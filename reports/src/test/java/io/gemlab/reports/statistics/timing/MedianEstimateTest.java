package io.gemlab.reports.statistics.timing;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class MedianEstimateTest {
  /**
   * The median of five draws out of five is the smallest value with probability P(X >= 3) = 0.0579
   * for X ~ Binomial(5, 0.2): above 0.025, so the interval goes from the smallest to the largest.
   */
  @Test
  void agreesWithTheWholeBootstrapDistribution() {
    MedianEstimate estimate = MedianEstimate.of(List.of(11.0, 10.0, 13.0, 12.0, 15.0), NINETY_FIVE);
    assertEquals(12, estimate.median());
    assertEquals(10, estimate.interval().low());
    assertEquals(15, estimate.interval().high());
  }

  @Test
  void tenSamplesLeaveTheEndsOut() {
    List<Double> samples = List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 1e6);
    MedianEstimate estimate = MedianEstimate.of(samples, NINETY_FIVE);
    assertEquals(5.5, estimate.median());
    assertEquals(3, estimate.interval().low(), 0.5);
    assertEquals(8.5, estimate.interval().high(), 0.5);
  }

  @Test
  void oneSampleHasNoInterval() {
    assertThrows(
        IllegalArgumentException.class, () -> MedianEstimate.of(List.of(1.0), NINETY_FIVE));
  }
}
