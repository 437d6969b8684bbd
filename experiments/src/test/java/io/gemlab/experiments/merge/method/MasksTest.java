package io.gemlab.experiments.merge.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Draws by their statistics: a wrong one would be caught by five standard errors. */
class MasksTest {
  private static final int N = 1 << 20;
  private static final double STANDARD_ERRORS = 5;

  @ParameterizedTest
  @ValueSource(floats = {0.1f, 0.5f, 0.9f})
  void aShareStaysAndNeighboursAreIndependent(float probability) {
    Masks.Mask mask = Masks.drawn(3).of("model.norm.weight", 1);
    long kept = 0;
    long both = 0;
    for (int i = 0; i < N; i++) {
      if (!mask.keeps(i, probability)) continue;
      kept++;
      if (mask.keeps(i + 1, probability)) both++;
    }
    assertShare(probability, kept);
    assertShare(probability * probability, both);
  }

  @Test
  void seedsTensorsAndModelsHaveMasksOfTheirOwn() {
    Masks.Mask mask = Masks.drawn(3).of("a", 0);
    for (Masks.Mask other :
        new Masks.Mask[] {
          Masks.drawn(4).of("a", 0), Masks.drawn(3).of("b", 0), Masks.drawn(3).of("a", 1)
        }) {
      long same = 0;
      for (int i = 0; i < N; i++) if (mask.keeps(i, 0.5f) == other.keeps(i, 0.5f)) same++;
      assertShare(0.5, same);
      assertNotEquals(N, same);
    }
  }

  @Test
  void anElementIsDrawnAlikeInAnyOrder() {
    Masks.Mask forwards = Masks.drawn(3).of("a", 0);
    Masks.Mask backwards = Masks.drawn(3).of("a", 0);
    boolean[] seen = new boolean[1000];
    for (int i = 0; i < seen.length; i++) seen[i] = forwards.keeps(i, 0.5f);
    for (int i = seen.length - 1; i >= 0; i--) assertEquals(seen[i], backwards.keeps(i, 0.5f));
  }

  private static void assertShare(double share, long count) {
    double error = Math.sqrt(share * (1 - share) / N);
    assertEquals(share, count / (double) N, STANDARD_ERRORS * error);
  }
}
