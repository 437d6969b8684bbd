package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.INTS;
import static io.gemlab.graph.path.kernel.Lanes.ORDER;

import io.gemlab.ops.matrix.A8Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows rounded to 8-bit integers as {@link A8Matrix} says.
 *
 * @param x all rows, one after the other
 * @param in elements in a row
 */
record RowRounding(Floats x, int in) {
  /** As many as there are floats in a vector, but for the shortest vectors. */
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(Long.SIZE, COUNT * Byte.SIZE)));

  /** Fewest bytes of x that a thread rounds at once. */
  private static final int LEAST = 1 << 14;

  /** Added, it leaves a whole number, ties to even, in the lowest bits. */
  private static final float WHOLE = 0x1.8p23f;

  private static final int MAGNITUDE = 0x7fffffff;

  /** What is done with a row that is rounded; {@code largest} as {@link #round} gives it. */
  @FunctionalInterface
  interface Rounded {
    void accept(int row, float largest);
  }

  /** Rounds all rows, several at once. */
  void round(int rows, MemorySegment integers, Rounded then) {
    Workers.SHARED.share(
        rows,
        Workers.rows(LEAST, in),
        (from, to) -> {
          for (int row = from; row < to; row++) then.accept(row, round(row, integers));
        });
  }

  /**
   * Rounds a row.
   *
   * @param integers where they go, int8 [rows, in]
   * @return the row's largest magnitude, of which 127 is written; NaN if one is
   */
  private float round(int row, MemorySegment integers) {
    long start = (long) row * in;
    float largest = largest(start);
    float inverse = largest == 0 ? 0 : A8Matrix.LARGEST / largest;
    int i = 0;
    for (; COUNT == BYTES.length() && i + COUNT <= in; i += COUNT) {
      IntVector ints = x.load(start + i).mul(inverse).add(WHOLE).reinterpretAsInts();
      ByteVector bytes = (ByteVector) ints.convertShape(VectorOperators.I2B, BYTES, 0);
      bytes.intoMemorySegment(integers, start + i, ORDER);
    }
    for (; i < in; i++) {
      byte integer = (byte) Math.rint(x.get(start + i) * inverse);
      integers.set(ValueLayout.JAVA_BYTE, start + i, integer);
    }
    return largest;
  }

  private float largest(long start) {
    // As integers magnitudes are in the same order, and NaN is the largest.
    IntVector most = IntVector.zero(INTS);
    int i = 0;
    for (; i + COUNT <= in; i += COUNT) {
      most = most.max(x.load(start + i).reinterpretAsInts().and(MAGNITUDE));
    }
    float largest = Float.intBitsToFloat(most.reduceLanes(VectorOperators.MAX));
    for (; i < in; i++) largest = Math.max(largest, Math.abs(x.get(start + i)));
    return largest;
  }
}
