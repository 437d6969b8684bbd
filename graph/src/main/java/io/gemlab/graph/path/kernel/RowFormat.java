package io.gemlab.graph.path.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * How weights are kept row by row, and how a row is multiplied while it is being read. Sums are
 * float32.
 *
 * <p>A vector register full of weights has neighbours in one lane, so what is multiplied by them is
 * put in the order of lanes beforehand, once for all rows.
 *
 * @param <X> a vector in the order of lanes
 */
sealed interface RowFormat<X> permits Bfloat16Rows, Int8Rows, Int4Rows {

  /** Bytes a row of {@code in} weights takes. */
  long rowBytes(int in);

  /** Puts a vector, [in], in the order of lanes. */
  X arrange(float[] x);

  /**
   * The dot product of a row and a vector.
   *
   * @param weights all rows, one after the other
   * @param scales what the format keeps beside them; empty where it keeps nothing
   * @param row which
   * @param in elements in a row
   */
  float dot(MemorySegment weights, MemorySegment scales, long row, int in, X x);

  /**
   * The dot products of a row and several vectors. A format that has to unpack weights may do it
   * once for all.
   *
   * @param sums where they go, one a vector
   */
  default void dots(
      MemorySegment weights, MemorySegment scales, long row, int in, List<X> x, float[] sums) {
    for (int m = 0; m < sums.length; m++) sums[m] = dot(weights, scales, row, in, x.get(m));
  }
}
