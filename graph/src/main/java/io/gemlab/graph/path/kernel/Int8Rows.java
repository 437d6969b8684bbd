package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;
import static io.gemlab.graph.path.kernel.Lanes.INTS;
import static io.gemlab.graph.path.kernel.Lanes.ORDER;

import io.gemlab.ops.Bfloat16;
import io.gemlab.ops.matrix.Int8Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Bytes with a bfloat16 scale a row. A lane holds four. */
record Int8Rows() implements RowFormat<float[]> {
  /** Vectors that weights are unpacked once for. */
  private static final int TOGETHER = 4;

  private static final int GROUP = Integer.BYTES * COUNT;
  private static final int[] BY_BYTE = byByte();

  /** Elements that are neighbours in lanes: all first ones, all second ones, and so on. */
  private static int[] byByte() {
    int[] order = new int[GROUP];
    for (int i = 0; i < GROUP; i++) order[i] = i % COUNT * Integer.BYTES + i / COUNT;
    return order;
  }

  @Override
  public long rowBytes(int in) {
    return in;
  }

  @Override
  public float[] arrange(float[] x) {
    return Lanes.arrange(x, BY_BYTE);
  }

  @Override
  public float dot(MemorySegment weights, MemorySegment scales, long row, int in, float[] x) {
    long start = row * in;
    int whole = in - in % GROUP;
    FloatVector sum0 = FloatVector.zero(FLOATS);
    FloatVector sum1 = sum0;
    FloatVector sum2 = sum0;
    FloatVector sum3 = sum0;
    int ahead = 0;
    for (int i = 0; i < whole; i += GROUP) {
      ahead += Lanes.ahead(weights, start + i);
      IntVector lanes = IntVector.fromMemorySegment(INTS, weights, start + i, ORDER);
      sum0 = number(lanes, 0).fma(FloatVector.fromArray(FLOATS, x, i), sum0);
      sum1 = number(lanes, 1).fma(FloatVector.fromArray(FLOATS, x, i + COUNT), sum1);
      sum2 = number(lanes, 2).fma(FloatVector.fromArray(FLOATS, x, i + 2 * COUNT), sum2);
      sum3 = number(lanes, 3).fma(FloatVector.fromArray(FLOATS, x, i + 3 * COUNT), sum3);
    }
    Lanes.use(ahead);
    float sum = Lanes.sum(sum0.add(sum1).add(sum2.add(sum3)));
    return rest(weights, start, whole, in, x, sum) * scale(scales, row);
  }

  @Override
  public void dots(
      MemorySegment weights,
      MemorySegment scales,
      long row,
      int in,
      List<float[]> x,
      float[] sums) {
    int m = 0;
    for (; m + TOGETHER <= sums.length; m += TOGETHER) {
      four(weights, row * in, in, x.get(m), x.get(m + 1), x.get(m + 2), x.get(m + 3), sums, m);
      float scale = scale(scales, row);
      for (int i = m; i < m + TOGETHER; i++) sums[i] *= scale;
    }
    for (; m < sums.length; m++) sums[m] = dot(weights, scales, row, in, x.get(m));
  }

  /** Sums of four vectors by numbers that are unpacked once, without the scale. */
  private static void four(
      MemorySegment weights,
      long start,
      int in,
      float[] a,
      float[] b,
      float[] c,
      float[] d,
      float[] sums,
      int m) {
    int whole = in - in % GROUP;
    FloatVector sumA = FloatVector.zero(FLOATS);
    FloatVector sumB = sumA;
    FloatVector sumC = sumA;
    FloatVector sumD = sumA;
    int ahead = 0;
    for (int i = 0; i < whole; i += GROUP) {
      ahead += Lanes.ahead(weights, start + i);
      IntVector lanes = IntVector.fromMemorySegment(INTS, weights, start + i, ORDER);
      for (int j = 0; j < Integer.BYTES; j++) {
        FloatVector number = number(lanes, j);
        int at = i + j * COUNT;
        sumA = number.fma(FloatVector.fromArray(FLOATS, a, at), sumA);
        sumB = number.fma(FloatVector.fromArray(FLOATS, b, at), sumB);
        sumC = number.fma(FloatVector.fromArray(FLOATS, c, at), sumC);
        sumD = number.fma(FloatVector.fromArray(FLOATS, d, at), sumD);
      }
    }
    Lanes.use(ahead);
    sums[m] = rest(weights, start, whole, in, a, Lanes.sum(sumA));
    sums[m + 1] = rest(weights, start, whole, in, b, Lanes.sum(sumB));
    sums[m + 2] = rest(weights, start, whole, in, c, Lanes.sum(sumC));
    sums[m + 3] = rest(weights, start, whole, in, d, Lanes.sum(sumD));
  }

  /** A sum with the elements that fill no group. */
  private static float rest(
      MemorySegment weights, long start, int whole, int in, float[] x, float sum) {
    for (int i = whole; i < in; i++) {
      sum = Math.fma(weights.get(ValueLayout.JAVA_BYTE, start + i), x[i], sum);
    }
    return sum;
  }

  private static float scale(MemorySegment scales, long row) {
    short scale = scales.get(ValueLayout.JAVA_SHORT_UNALIGNED, row * Short.BYTES);
    return Bfloat16.toFloat(scale) / Int8Matrix.ONE;
  }

  /** The bytes of a number in each lane, as floats. */
  private static FloatVector number(IntVector lanes, int index) {
    int above = Byte.SIZE * (Integer.BYTES - 1 - index);
    return Lanes.highest(lanes.lanewise(VectorOperators.LSHL, above), Byte.SIZE);
  }
}
