package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.Arrays;

/** A list of ints that grows. */
final class IntList {
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private int[] values = new int[1 << 10];
  private int size;

  /**
   * @throws InvalidInput if there are too many for an array
   */
  void addAll(int... more) {
    long needed = (long) size + more.length;
    if (needed > LARGEST) {
      throw new InvalidInput(
          "The corpus has over 2^31 tokens: make a token file of it (gemlab tokens), or train on a part");
    }
    if (needed > values.length) {
      long doubled = Math.min(2L * values.length, LARGEST);
      values = Arrays.copyOf(values, (int) Math.max(needed, doubled));
    }
    System.arraycopy(more, 0, values, size, more.length);
    size = (int) needed;
  }

  int size() {
    return size;
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
