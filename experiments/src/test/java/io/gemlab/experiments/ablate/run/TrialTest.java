package io.gemlab.experiments.ablate.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrialTest {
  @Test
  void theLowestMeanIsBest() {
    assertBest(0.2, trial(0.1, 0, 2.0, 2.4), trial(0.2, 0, 1.0, 3.0), trial(0.3, 0, 2.1, 2.1));
  }

  /** However good the runs are that did not diverge. */
  @Test
  void aRateThatSomeRunsDivergeAtIsBehindOneThatNoneDoes() {
    assertBest(0.1, trial(0.1, 0, 2.0, 2.4), trial(0.2, 1, 1.0));
    assertBest(0.2, trial(0.1, 2), trial(0.2, 1, 1.0));
  }

  @Test
  void nothingIsBestWhereAllDivergedOrOneIsMissing() {
    assertEquals(Optional.empty(), Trial.best(List.of(trial(0.1, 2), trial(0.2, 2))));
    assertEquals(
        Optional.empty(), Trial.best(List.of(trial(0.1, 0, 2.0, 2.4), trial(0.2, 0, 1.0))));
  }

  private static void assertBest(double rate, Trial... trials) {
    assertEquals(rate, Trial.best(List.of(trials)).orElseThrow().learningRate());
  }

  private static Trial trial(double rate, int diverged, Double... losses) {
    return new Trial(rate, 2, diverged, List.of(losses));
  }
}
