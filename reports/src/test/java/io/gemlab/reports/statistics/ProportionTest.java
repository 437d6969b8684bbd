package io.gemlab.reports.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProportionTest {
  /** Expected numbers: Newcombe 1998, Statistics in Medicine 17:857, table I, method 3. */
  @ParameterizedTest
  @CsvSource({
    "81, 263, 0.2553, 0.3662",
    "15, 148, 0.0624, 0.1605",
    "0, 20, 0.0000, 0.1611",
    "1, 29, 0.0061, 0.1718"
  })
  void agreesWithWhatIsPublished(int count, int n, double low, double high) {
    Proportion some = Proportion.of(count, n, Confidence.NINETY_FIVE);
    assertEquals(low, some.interval().low(), 5e-5);
    assertEquals(high, some.interval().high(), 5e-5);
    Interval others = Proportion.of(n - count, n, Confidence.NINETY_FIVE).interval();
    assertEquals(1 - high, others.low(), 5e-5);
    assertEquals(1 - low, others.high(), 5e-5);
  }

  @Test
  void neverAndAlwaysEndAtNoneAndAll() {
    assertEquals(0, Proportion.of(0, 8, Confidence.NINETY_FIVE).interval().low());
    assertEquals(1, Proportion.of(8, 8, Confidence.NINETY_FIVE).interval().high());
    assertEquals(0.375, Proportion.of(3, 8, Confidence.NINETY_FIVE).share());
  }

  @Test
  void refusesWhatIsNoShare() {
    for (int[] wrong : new int[][] {{0, 0}, {-1, 3}, {4, 3}}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> Proportion.of(wrong[0], wrong[1], Confidence.NINETY_FIVE));
    }
  }
}
