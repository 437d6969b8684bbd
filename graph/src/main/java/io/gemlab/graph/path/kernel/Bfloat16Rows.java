package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;
import static io.gemlab.graph.path.kernel.Lanes.INTS;
import static io.gemlab.graph.path.kernel.Lanes.ORDER;

import io.gemlab.ops.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Weights in bfloat16, times a vector in bfloat16. A lane holds two, and each is a float32 when the
 * other is masked out. The vector is kept in pairs too: in float32 that of a long row would fill
 * the first cache by itself (9216 in: 23 GB/s of weights instead of 19).
 */
record Bfloat16Rows() implements RowFormat<int[]> {
  private static final int BITS = 16;
  private static final int UPPER = 0xffff0000;
  private static final int GROUP = 2 * COUNT;

  @Override
  public long rowBytes(int in) {
    return (long) Short.BYTES * in;
  }

  /** Pairs as a lane has them; an odd last element has a zero beside it. */
  @Override
  public int[] arrange(float[] x) {
    int[] pairs = new int[(x.length + 1) / 2];
    for (int i = 0; i < x.length; i++) {
      int bits = Float.floatToRawIntBits(x[i]);
      pairs[i / 2] |= i % 2 == 0 ? bits >>> BITS : bits & UPPER;
    }
    return pairs;
  }

  @Override
  public float dot(MemorySegment weights, MemorySegment scales, long row, int in, int[] x) {
    long start = row * rowBytes(in);
    FloatVector even0 = FloatVector.zero(FLOATS);
    FloatVector odd0 = even0;
    FloatVector even1 = even0;
    FloatVector odd1 = even0;
    int ahead = 0;
    int i = 0;
    for (; i + 2 * GROUP <= in; i += 2 * GROUP) {
      ahead += Lanes.ahead(weights, start + (long) Short.BYTES * i);
      ahead += Lanes.ahead(weights, start + (long) Short.BYTES * (i + GROUP));
      IntVector lanes0 = lanes(weights, start, i);
      IntVector lanes1 = lanes(weights, start, i + GROUP);
      IntVector x0 = IntVector.fromArray(INTS, x, i / 2);
      IntVector x1 = IntVector.fromArray(INTS, x, i / 2 + COUNT);
      even0 = lower(lanes0).fma(lower(x0), even0);
      odd0 = upper(lanes0).fma(upper(x0), odd0);
      even1 = lower(lanes1).fma(lower(x1), even1);
      odd1 = upper(lanes1).fma(upper(x1), odd1);
    }
    Lanes.use(ahead);
    if (i + GROUP <= in) {
      IntVector lanes = lanes(weights, start, i);
      IntVector x0 = IntVector.fromArray(INTS, x, i / 2);
      even0 = lower(lanes).fma(lower(x0), even0);
      odd0 = upper(lanes).fma(upper(x0), odd0);
      i += GROUP;
    }
    float sum = Lanes.sum(even0.add(odd0).add(even1.add(odd1)));
    for (; i < in; i++) {
      short weight = weights.get(ValueLayout.JAVA_SHORT_UNALIGNED, start + (long) Short.BYTES * i);
      int pair = x[i / 2];
      float other = Float.intBitsToFloat(i % 2 == 0 ? pair << BITS : pair & UPPER);
      sum = Math.fma(Bfloat16.toFloat(weight), other, sum);
    }
    return sum;
  }

  /**
   * Adds rows, each multiplied, to sums of rows, one row after the other. Four at a time read and
   * write the sums once.
   *
   * @param rows which
   * @param factors one for each row, and perhaps more
   * @param sums [in], in each whole group the even elements before the odd ones
   */
  void add(MemorySegment weights, long[] rows, int in, float[] factors, float[] sums) {
    int r = 0;
    for (; r + 4 <= rows.length; r += 4) addFour(weights, rows, r, in, factors, sums);
    for (; r < rows.length; r++) {
      long start = rows[r] * rowBytes(in);
      for (int i = 0; i + GROUP <= in; i += GROUP) {
        IntVector lanes = lanes(weights, start, i);
        FloatVector even = FloatVector.fromArray(FLOATS, sums, i);
        FloatVector odd = FloatVector.fromArray(FLOATS, sums, i + COUNT);
        lower(lanes).lanewise(VectorOperators.FMA, factors[r], even).intoArray(sums, i);
        upper(lanes).lanewise(VectorOperators.FMA, factors[r], odd).intoArray(sums, i + COUNT);
      }
    }
    for (int i = in / GROUP * GROUP; i < in; i++) {
      for (r = 0; r < rows.length; r++) {
        long at = rows[r] * rowBytes(in) + (long) Short.BYTES * i;
        short weight = weights.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
        sums[i] = Math.fma(Bfloat16.toFloat(weight), factors[r], sums[i]);
      }
    }
  }

  private void addFour(
      MemorySegment weights, long[] rows, int r, int in, float[] factors, float[] sums) {
    long start0 = rows[r] * rowBytes(in);
    long start1 = rows[r + 1] * rowBytes(in);
    long start2 = rows[r + 2] * rowBytes(in);
    long start3 = rows[r + 3] * rowBytes(in);
    FloatVector factor0 = FloatVector.broadcast(FLOATS, factors[r]);
    FloatVector factor1 = FloatVector.broadcast(FLOATS, factors[r + 1]);
    FloatVector factor2 = FloatVector.broadcast(FLOATS, factors[r + 2]);
    FloatVector factor3 = FloatVector.broadcast(FLOATS, factors[r + 3]);
    for (int i = 0; i + GROUP <= in; i += GROUP) {
      IntVector lanes0 = lanes(weights, start0, i);
      IntVector lanes1 = lanes(weights, start1, i);
      IntVector lanes2 = lanes(weights, start2, i);
      IntVector lanes3 = lanes(weights, start3, i);
      FloatVector even = FloatVector.fromArray(FLOATS, sums, i);
      even = lower(lanes0).fma(factor0, even);
      even = lower(lanes1).fma(factor1, even);
      even = lower(lanes2).fma(factor2, even);
      lower(lanes3).fma(factor3, even).intoArray(sums, i);
      FloatVector odd = FloatVector.fromArray(FLOATS, sums, i + COUNT);
      odd = upper(lanes0).fma(factor0, odd);
      odd = upper(lanes1).fma(factor1, odd);
      odd = upper(lanes2).fma(factor2, odd);
      upper(lanes3).fma(factor3, odd).intoArray(sums, i + COUNT);
    }
  }

  /** The sums that {@link #add} made, in the order of a row. */
  float[] natural(float[] sums) {
    float[] natural = sums.clone();
    for (int group = 0; group + GROUP <= sums.length; group += GROUP) {
      for (int i = 0; i < GROUP; i++) natural[group + i] = sums[group + i % 2 * COUNT + i / 2];
    }
    return natural;
  }

  private static IntVector lanes(MemorySegment weights, long start, int i) {
    return IntVector.fromMemorySegment(INTS, weights, start + (long) Short.BYTES * i, ORDER);
  }

  private static FloatVector lower(IntVector lanes) {
    return lanes.lanewise(VectorOperators.LSHL, BITS).reinterpretAsFloats();
  }

  private static FloatVector upper(IntVector lanes) {
    return lanes.and(UPPER).reinterpretAsFloats();
  }
}
