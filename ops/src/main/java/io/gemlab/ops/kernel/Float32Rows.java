package io.gemlab.ops.kernel;

import static io.gemlab.ops.kernel.Lanes.COUNT;
import static io.gemlab.ops.kernel.Lanes.FLOATS;
import static io.gemlab.ops.kernel.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Weights in float32. */
record Float32Rows() implements RowFormat {
  private static final int[] IN_ORDER = {0};

  @Override
  public long rowBytes(int in) {
    return (long) Float.BYTES * in;
  }

  @Override
  public int[] order() {
    return IN_ORDER;
  }

  @Override
  public float dot(MemorySegment weights, MemorySegment scales, long row, float[] x) {
    long start = row * rowBytes(x.length);
    int step = 4 * COUNT;
    int whole = x.length - x.length % step;
    FloatVector sum0 = FloatVector.zero(FLOATS);
    FloatVector sum1 = sum0;
    FloatVector sum2 = sum0;
    FloatVector sum3 = sum0;
    int ahead = 0;
    for (int i = 0; i < whole; i += step) {
      long at = start + (long) Float.BYTES * i;
      for (int vector = 0; vector < 4; vector++) {
        ahead += Lanes.ahead(weights, at + (long) Float.BYTES * COUNT * vector);
      }
      sum0 = at(weights, at, 0).fma(FloatVector.fromArray(FLOATS, x, i), sum0);
      sum1 = at(weights, at, 1).fma(FloatVector.fromArray(FLOATS, x, i + COUNT), sum1);
      sum2 = at(weights, at, 2).fma(FloatVector.fromArray(FLOATS, x, i + 2 * COUNT), sum2);
      sum3 = at(weights, at, 3).fma(FloatVector.fromArray(FLOATS, x, i + 3 * COUNT), sum3);
    }
    Lanes.use(ahead);
    float sum = sum0.add(sum1).add(sum2.add(sum3)).reduceLanes(VectorOperators.ADD);
    for (int i = whole; i < x.length; i++) {
      long at = start + (long) Float.BYTES * i;
      sum = Math.fma(weights.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at), x[i], sum);
    }
    return sum;
  }

  private static FloatVector at(MemorySegment weights, long start, int vector) {
    return FloatVector.fromMemorySegment(
        FLOATS, weights, start + (long) Float.BYTES * vector * COUNT, ORDER);
  }
}
