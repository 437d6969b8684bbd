package io.gemlab.experiments.ablate.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** Whatever stands beside it, and on whichever side: a maximum that drops NaN would say 2. */
  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void whatIsNoNumberIsNeverNear(float other) {
    float[] numbers = {1, 3, 5, 5};
    for (int i = 0; i < numbers.length; i++) {
      float[] planted = numbers.clone();
      planted[i] = other;
      for (LogitDifference difference :
          List.of(
              LogitDifference.of(numbers, planted, 2), LogitDifference.of(planted, numbers, 2))) {
        assertFalse(Double.isFinite(difference.largest()));
      }
    }
    LogitDifference nan = LogitDifference.of(new float[] {1, 3}, new float[] {Float.NaN, 3}, 2);
    assertTrue(Double.isNaN(nan.meanKl()));
    assertEquals(0, nan.top1Agreement());
  }
}
