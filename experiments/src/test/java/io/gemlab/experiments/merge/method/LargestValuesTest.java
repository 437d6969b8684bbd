package io.gemlab.experiments.merge.method;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LargestValuesTest {
  /** Several pieces, and few enough different values that many are equal. */
  private static final int ELEMENTS = 3 * TensorInputs.PIECE + 5;

  @Test
  void areThoseThatSortingGives() {
    Random random = new Random(7);
    float[] values = new float[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      values[i] = random.nextInt(4) == 0 ? random.nextFloat() * 1e-30f : random.nextInt(50) / 7f;
    }
    Integer[] order = IntStream.range(0, ELEMENTS).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparing((Integer i) -> -values[i]));
    for (int wanted : new int[] {1, 2, 1000, ELEMENTS / 2, ELEMENTS - 1, ELEMENTS}) {
      LargestValues largest =
          LargestValues.of(
              ELEMENTS,
              wanted,
              (first, count, target) -> System.arraycopy(values, (int) first, target, 0, count));
      boolean[] expected = new boolean[ELEMENTS];
      for (int i = 0; i < wanted; i++) expected[order[i]] = true;
      for (int i = 0; i < ELEMENTS; i++) {
        assertEquals(expected[i], largest.has(i, values[i]), wanted + ": " + i);
      }
    }
  }
}
