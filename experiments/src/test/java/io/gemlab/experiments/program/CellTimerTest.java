package io.gemlab.experiments.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CellTimerTest {
  /** Short calls fill 0.15 s; of longer ones there are three, but for those of 0.2 s and more. */
  @ParameterizedTest
  @CsvSource({"1, 150", "30, 5", "67, 3", "130, 3", "199, 3", "250, 2", "400, 1", "9000, 1"})
  void aTurnHasAsManyCalls(double millis, int calls) {
    int taken = 0;
    while (CellTimer.goesOn(taken, taken * millis)) taken++;
    assertEquals(calls, taken);
  }
}
