package io.gemlab.ops.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockLayoutTest {

  /** Every pair that may see each other is on a diagonal, and the last diagonal is needed. */
  @Test
  void diagonalsAreTheBandAndNoMore() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 300; i++) {
      int length = random.nextInt(1, 70);
      int size = random.nextInt(1, length + 1);
      OptionalInt window =
          random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(random.nextInt(1, 90));
      AttentionSpec spec = new AttentionSpec(1, 1, 1, 1, Softcap.none(), window);
      BlockLayout layout = new BlockLayout(spec, 1, length, size);
      int furthest = 0;
      for (int query = 0; query < length; query++) {
        int first = Math.max(0, query - window.orElse(length) + 1);
        furthest = Math.max(furthest, query / size - first / size);
      }
      String where = length + " positions in blocks of " + size + " under " + window;
      assertEquals(furthest + 1, layout.diagonals(), where);
      assertTrue(layout.pairs(layout.diagonals() - 1) > 0, where);
    }
  }
}
