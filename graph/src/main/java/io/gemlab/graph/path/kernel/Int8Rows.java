package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;
import static io.gemlab.graph.path.kernel.Lanes.INTS;
import static io.gemlab.graph.path.kernel.Lanes.ORDER;

import io.gemlab.ops.Bfloat16;
import io.gemlab.ops.matrix.Int8Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Bytes with a bfloat16 scale a row. A lane holds four. */
record Int8Rows() implements RowFormat<float[]> {
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
    for (int i = whole; i < in; i++) {
      sum = Math.fma(weights.get(ValueLayout.JAVA_BYTE, start + i), x[i], sum);
    }
    short scale = scales.get(ValueLayout.JAVA_SHORT_UNALIGNED, row * Short.BYTES);
    return sum * (Bfloat16.toFloat(scale) / Int8Matrix.ONE);
  }

  /** The bytes of a number in each lane, as floats. */
  private static FloatVector number(IntVector lanes, int index) {
    int above = Byte.SIZE * (Integer.BYTES - 1 - index);
    return Lanes.highest(lanes.lanewise(VectorOperators.LSHL, above), Byte.SIZE);
  }
}
