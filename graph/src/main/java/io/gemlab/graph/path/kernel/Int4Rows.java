package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;
import static io.gemlab.graph.path.kernel.Lanes.INTS;
import static io.gemlab.graph.path.kernel.Lanes.LONGS;
import static io.gemlab.graph.path.kernel.Lanes.ORDER;

import io.gemlab.ops.Bfloat16;
import io.gemlab.ops.matrix.Int4Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Blocks of 32 numbers of 4 bits, each block with a bfloat16 scale. Byte j of a block's 16 has
 * element j in its lower half and element j + 16 in its upper half, so a block fills four lanes and
 * a lane holds eight numbers.
 */
record Int4Rows() implements RowFormat<float[]> {
  private static final int BITS = 4;
  private static final int PER_LANE = Integer.SIZE / BITS;
  private static final int BLOCK = Int4Matrix.BLOCK;
  private static final int HALF = BLOCK / 2;
  private static final int LANES_OF_BLOCK = BLOCK / PER_LANE;
  private static final int BLOCKS = COUNT / LANES_OF_BLOCK;
  private static final int GROUP = BLOCK * BLOCKS;
  private static final int UPPER = 0xffff0000;
  private static final int[] BY_HALF_BYTE = byHalfByte();

  /** Two scales stand in one int: which int a lane needs, and how far its half must be moved. */
  private static final VectorShuffle<Integer> PAIR =
      VectorShuffle.fromOp(INTS, lane -> lane / (2 * LANES_OF_BLOCK));

  private static final IntVector TO_UPPER = IntVector.fromArray(INTS, toUpper(), 0);

  private static int[] byHalfByte() {
    int[] order = new int[GROUP];
    for (int i = 0; i < GROUP; i++) {
      int lane = i % COUNT;
      int number = i / COUNT;
      int inBlock = lane % LANES_OF_BLOCK * Integer.BYTES + number / 2 + number % 2 * HALF;
      order[i] = lane / LANES_OF_BLOCK * BLOCK + inBlock;
    }
    return order;
  }

  private static int[] toUpper() {
    int[] bits = new int[COUNT];
    for (int i = 0; i < COUNT; i++) bits[i] = i / LANES_OF_BLOCK % 2 == 0 ? Short.SIZE : 0;
    return bits;
  }

  @Override
  public long rowBytes(int in) {
    return in / 2;
  }

  @Override
  public float[] arrange(float[] x) {
    return Lanes.arrange(x, BY_HALF_BYTE);
  }

  @Override
  public float dot(MemorySegment weights, MemorySegment scales, long row, int in, float[] x) {
    long start = row * rowBytes(in);
    long scale = row * (in / BLOCK) * Short.BYTES;
    int whole = in - in % GROUP;
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < whole; i += GROUP) {
      IntVector lanes = IntVector.fromMemorySegment(INTS, weights, start + i / 2, ORDER);
      FloatVector even = number(lanes, 0).mul(FloatVector.fromArray(FLOATS, x, i));
      FloatVector odd = number(lanes, 1).mul(FloatVector.fromArray(FLOATS, x, i + COUNT));
      even = number(lanes, 2).fma(FloatVector.fromArray(FLOATS, x, i + 2 * COUNT), even);
      odd = number(lanes, 3).fma(FloatVector.fromArray(FLOATS, x, i + 3 * COUNT), odd);
      even = number(lanes, 4).fma(FloatVector.fromArray(FLOATS, x, i + 4 * COUNT), even);
      odd = number(lanes, 5).fma(FloatVector.fromArray(FLOATS, x, i + 5 * COUNT), odd);
      even = number(lanes, 6).fma(FloatVector.fromArray(FLOATS, x, i + 6 * COUNT), even);
      odd = number(lanes, 7).fma(FloatVector.fromArray(FLOATS, x, i + 7 * COUNT), odd);
      sum = even.add(odd).fma(scales(scales, scale), sum);
      scale += BLOCKS * Short.BYTES;
    }
    float total = Lanes.sum(sum);
    for (int i = whole; i < in; i += BLOCK) {
      total = Math.fma(block(weights, start + i / 2, x, i), scale(scales, scale), total);
      scale += Short.BYTES;
    }
    return total / Int4Matrix.ONE;
  }

  /** The numbers of half a byte in each lane, as floats. */
  private static FloatVector number(IntVector lanes, int index) {
    int above = BITS * (PER_LANE - 1 - index);
    return Lanes.highest(lanes.lanewise(VectorOperators.LSHL, above), BITS);
  }

  /** The scale of each lane's block. */
  private static FloatVector scales(MemorySegment scales, long at) {
    long bits =
        switch (BLOCKS) {
          case 4 -> scales.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
          case 2 -> scales.get(ValueLayout.JAVA_INT_UNALIGNED, at);
          default -> scales.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
        };
    IntVector pairs = LongVector.broadcast(LONGS, bits).reinterpretAsInts().rearrange(PAIR);
    return pairs.lanewise(VectorOperators.LSHL, TO_UPPER).and(UPPER).reinterpretAsFloats();
  }

  private static float scale(MemorySegment scales, long at) {
    return Bfloat16.toFloat(scales.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
  }

  /** A block that fills no vector. */
  private static float block(MemorySegment weights, long start, float[] x, int from) {
    float sum = 0;
    for (int j = 0; j < HALF; j++) {
      byte both = weights.get(ValueLayout.JAVA_BYTE, start + j);
      int lower = both << (Integer.SIZE - BITS) >> (Integer.SIZE - BITS);
      sum = Math.fma(lower, x[from + j], sum);
      sum = Math.fma(both >> BITS, x[from + HALF + j], sum);
    }
    return sum;
  }
}
