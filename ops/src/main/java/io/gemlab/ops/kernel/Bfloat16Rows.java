package io.gemlab.ops.kernel;

import static io.gemlab.ops.kernel.Lanes.COUNT;
import static io.gemlab.ops.kernel.Lanes.FLOATS;
import static io.gemlab.ops.kernel.Lanes.INTS;
import static io.gemlab.ops.kernel.Lanes.ORDER;

import io.gemlab.ops.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Weights in bfloat16. A lane holds two, and each is a float32 when the other is masked out. */
record Bfloat16Rows() implements RowFormat {
  private static final int BITS = 16;
  private static final int UPPER = 0xffff0000;
  private static final int GROUP = 2 * COUNT;
  private static final int[] EVEN_THEN_ODD = order(2);

  /** Weights that are neighbours in lanes: all first ones, all second ones, and so on. */
  static int[] order(int perLane) {
    int[] order = new int[perLane * COUNT];
    for (int i = 0; i < order.length; i++) order[i] = i % COUNT * perLane + i / COUNT;
    return order;
  }

  @Override
  public long rowBytes(int in) {
    return (long) Short.BYTES * in;
  }

  @Override
  public int[] order() {
    return EVEN_THEN_ODD;
  }

  @Override
  public float dot(
      MemorySegment weights, MemorySegment scales, long row, float[] x, int from, int to) {
    long start = row * rowBytes(x.length);
    FloatVector even0 = FloatVector.zero(FLOATS);
    FloatVector odd0 = even0;
    FloatVector even1 = even0;
    FloatVector odd1 = even0;
    int ahead = 0;
    int i = from;
    for (; i + 2 * GROUP <= to; i += 2 * GROUP) {
      ahead += Lanes.ahead(weights, start + (long) Short.BYTES * i);
      ahead += Lanes.ahead(weights, start + (long) Short.BYTES * (i + GROUP));
      IntVector lanes0 = lanes(weights, start, i);
      IntVector lanes1 = lanes(weights, start, i + GROUP);
      even0 = lower(lanes0).fma(FloatVector.fromArray(FLOATS, x, i), even0);
      odd0 = upper(lanes0).fma(FloatVector.fromArray(FLOATS, x, i + COUNT), odd0);
      even1 = lower(lanes1).fma(FloatVector.fromArray(FLOATS, x, i + 2 * COUNT), even1);
      odd1 = upper(lanes1).fma(FloatVector.fromArray(FLOATS, x, i + 3 * COUNT), odd1);
    }
    if (i + GROUP <= to) {
      IntVector lanes = lanes(weights, start, i);
      even0 = lower(lanes).fma(FloatVector.fromArray(FLOATS, x, i), even0);
      odd0 = upper(lanes).fma(FloatVector.fromArray(FLOATS, x, i + COUNT), odd0);
      i += GROUP;
    }
    Lanes.use(ahead);
    float sum = even0.add(odd0).add(even1.add(odd1)).reduceLanes(VectorOperators.ADD);
    for (; i < to; i++) {
      short weight = weights.get(ValueLayout.JAVA_SHORT_UNALIGNED, start + (long) Short.BYTES * i);
      sum = Math.fma(Bfloat16.toFloat(weight), x[i], sum);
    }
    return sum;
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
