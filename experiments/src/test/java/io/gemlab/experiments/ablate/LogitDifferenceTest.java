package io.gemlab.experiments.ablate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LogitDifferenceTest {
  @Test
  void equalLogitsDoNotDiffer() {
    float[] logits = {1, 2, 3, 30, -30, 0};
    assertEquals(new LogitDifference(0, 0, 1), LogitDifference.of(logits, logits, 3));
  }

  @Test
  void aShiftOfAllLogitsIsTheSameDistribution() {
    LogitDifference shifted = LogitDifference.of(new float[] {1, 2, 3}, new float[] {2, 3, 4}, 3);
    assertEquals(1, shifted.largest());
    assertEquals(0, shifted.meanKl(), 1e-12);
    assertEquals(1, shifted.top1Agreement());
  }

  /** KL((2/3, 1/3) || (1/3, 2/3)) = 1/3 ln 2, over two positions of which one is equal. */
  @Test
  void divergenceIsTheMeanOverPositions() {
    float ln2 = (float) Math.log(2);
    LogitDifference half =
        LogitDifference.of(new float[] {ln2, 0, 5, 5}, new float[] {0, ln2, 5, 5}, 2);
    assertEquals(Math.log(2) / 3 / 2, half.meanKl(), 1e-7);
    assertEquals(0.5, half.top1Agreement());
  }
}
