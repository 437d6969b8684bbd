package io.gemlab.graph.base.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** How far two tensors of one shape are apart. */
final class LargestDifference {
  private static final int ELEMENTS_AT_ONCE = 1 << 20;

  private LargestDifference() {}

  /**
   * @return the largest absolute difference of two elements at the same place; 0 for equal ones,
   *     infinity where one is NaN or infinite and the other is something else
   */
  static double of(Float32Stream one, Float32Stream other, long elements) {
    double largest = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate((long) ELEMENTS_AT_ONCE * Float.BYTES, Float.BYTES);
      MemorySegment b = arena.allocate((long) ELEMENTS_AT_ONCE * Float.BYTES, Float.BYTES);
      for (long first = 0; first < elements; first += ELEMENTS_AT_ONCE) {
        long count = Math.min(ELEMENTS_AT_ONCE, elements - first);
        one.next(a.asSlice(0, count * Float.BYTES));
        other.next(b.asSlice(0, count * Float.BYTES));
        for (long i = 0; i < count; i++) {
          largest =
              Math.max(
                  largest,
                  difference(
                      a.getAtIndex(ValueLayout.JAVA_FLOAT, i),
                      b.getAtIndex(ValueLayout.JAVA_FLOAT, i)));
        }
      }
    }
    return largest;
  }

  private static double difference(float a, float b) {
    if (a == b || Float.isNaN(a) && Float.isNaN(b)) return 0;
    double difference = Math.abs((double) a - b);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }
}
