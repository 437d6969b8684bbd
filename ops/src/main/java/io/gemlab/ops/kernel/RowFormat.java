package io.gemlab.ops.kernel;

import java.lang.foreign.MemorySegment;

/**
 * How weights are kept row by row, and how a row is multiplied while it is being read.
 *
 * <p>A vector register full of weights has neighbours in one lane, so what is multiplied by them is
 * put in the order of lanes beforehand, once for all rows. Sums are float32.
 */
sealed interface RowFormat permits Bfloat16Rows, Int8Rows, Int4Rows {
  /** A multiple of every format's group of weights, whatever this machine's vectors hold. */
  int LARGEST_GROUP = 128;

  /** Bytes a row of {@code in} weights takes. */
  long rowBytes(int in);

  /**
   * The order of lanes: which element of a group of weights stands where; what is left after the
   * last whole group stays as it is.
   */
  int[] order();

  /**
   * The dot product of a part of a row and that part of a vector.
   *
   * @param weights all rows, one after the other
   * @param scales what the format keeps beside them; empty where it keeps nothing
   * @param row which
   * @param x the whole vector, [in], in the order of lanes
   * @param from the first element, a multiple of {@link #LARGEST_GROUP}
   * @param to behind the last, likewise or [in]
   */
  float dot(MemorySegment weights, MemorySegment scales, long row, float[] x, int from, int to);

  /** Puts a vector in the order of lanes. */
  default void arrange(float[] x, float[] arranged) {
    int[] order = order();
    int whole = x.length - x.length % order.length;
    for (int group = 0; group < whole; group += order.length) {
      for (int i = 0; i < order.length; i++) arranged[group + i] = x[group + order[i]];
    }
    System.arraycopy(x, whole, arranged, whole, x.length - whole);
  }
}
