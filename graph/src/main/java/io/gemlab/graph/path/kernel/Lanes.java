package io.gemlab.graph.path.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** This machine's vectors: as many floats as its registers hold. */
final class Lanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
  static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, FLOATS.vectorShape());

  /** As many as there are floats, in a vector of half the bits. */
  static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

  /** Floats in a vector. */
  static final int COUNT = FLOATS.length();

  /** Whether there are vectors of as many bytes: of 64 bits and more. */
  static final boolean HAVE_BYTES = COUNT * Byte.SIZE >= Long.SIZE;

  private static final VectorSpecies<Byte> BYTES =
      HAVE_BYTES
          ? VectorSpecies.of(byte.class, VectorShape.forBitSize(COUNT * Byte.SIZE))
          : ByteVector.SPECIES_64;

  private static final int AHEAD = 512;
  private static final int NAN = 0x7fc00000;

  /** The order of bytes in tensors: the machine's. */
  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(FLOATS, 8, 1, true);
  private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(FLOATS, 4, 1, true);
  private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(FLOATS, 2, 1, true);
  private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(FLOATS, 1, 1, true);

  private Lanes() {}

  /** Float32 in memory, from the i-th on. */
  static FloatVector load(MemorySegment data, long i) {
    return FloatVector.fromMemorySegment(FLOATS, data, i * Float.BYTES, ORDER);
  }

  static void store(FloatVector x, MemorySegment data, long i) {
    x.intoMemorySegment(data, i * Float.BYTES, ORDER);
  }

  static float get(MemorySegment data, long i) {
    return data.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
  }

  static void set(MemorySegment data, long i, float x) {
    data.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, x);
  }

  /**
   * The sum of all lanes, always in the same order: that of {@code reduceLanes} may change when a
   * method is compiled, and an answer with it.
   */
  static float sum(FloatVector lanes) {
    FloatVector sum = lanes;
    if (COUNT > 8) sum = sum.add(sum.rearrange(BY_8));
    if (COUNT > 4) sum = sum.add(sum.rearrange(BY_4));
    if (COUNT > 2) sum = sum.add(sum.rearrange(BY_2));
    return sum.add(sum.rearrange(BY_1)).lane(0);
  }

  /** The larger of each two lanes, the first one's where either is NaN. */
  static FloatVector larger(FloatVector x, FloatVector y) {
    return x.blend(y, y.compare(VectorOperators.GT, x));
  }

  /** The largest of all lanes, none of them NaN. */
  static float max(FloatVector lanes) {
    return lanes.reduceLanes(VectorOperators.MAX);
  }

  /** Each number rounded to bfloat16, ties to even. */
  static FloatVector rounded(FloatVector lanes) {
    IntVector bits = lanes.reinterpretAsInts();
    IntVector last = bits.lanewise(VectorOperators.LSHR, Short.SIZE).and(1);
    return bits.add(last).add(0x7fff).and(0xffff0000).reinterpretAsFloats();
  }

  /** As many bytes as there are floats, signed. */
  static IntVector bytes(MemorySegment data, long at) {
    return (IntVector)
        ByteVector.fromMemorySegment(BYTES, data, at, ORDER)
            .convertShape(VectorOperators.B2I, INTS, 0);
  }

  static FloatVector floats(IntVector ints) {
    return (FloatVector) ints.convertShape(VectorOperators.I2F, FLOATS, 0);
  }

  /** Numbers of bfloat16 as floats. */
  static FloatVector widen(ShortVector narrow) {
    IntVector bits = (IntVector) narrow.convertShape(VectorOperators.S2I, INTS, 0);
    return bits.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
  }

  /** Each number rounded to bfloat16, ties to even; NaN stays one. */
  static ShortVector narrow(FloatVector lanes) {
    IntVector rounded = rounded(lanes).reinterpretAsInts();
    IntVector bits = rounded.blend(NAN, lanes.compare(VectorOperators.NE, lanes).cast(INTS));
    return (ShortVector)
        bits.lanewise(VectorOperators.LSHR, Short.SIZE)
            .convertShape(VectorOperators.I2S, SHORTS, 0);
  }

  /** The numbers in the highest {@code bits} of each lane, in two's complement. */
  static FloatVector highest(IntVector lanes, int bits) {
    IntVector numbers = lanes.lanewise(VectorOperators.ASHR, Integer.SIZE - bits);
    return (FloatVector) numbers.convertShape(VectorOperators.I2F, FLOATS, 0);
  }

  /**
   * A vector with each group of its elements in another order; what is left after the last whole
   * group stays as it is.
   *
   * @param order which element of a group stands where
   */
  static float[] arrange(float[] x, int[] order) {
    float[] arranged = x.clone();
    int whole = x.length - x.length % order.length;
    for (int group = 0; group < whole; group += order.length) {
      for (int i = 0; i < order.length; i++) arranged[group + i] = x[group + order[i]];
    }
    return arranged;
  }

  /**
   * Reads a byte of what comes a little later, so that it is on its way from memory when it is
   * needed: half as fast again as waiting for the processor's own foresight.
   */
  static byte ahead(MemorySegment weights, long at) {
    return weights.get(ValueLayout.JAVA_BYTE, Math.min(at + AHEAD, weights.byteSize() - 1));
  }

  /** Makes a use of what {@link #ahead} read, or the reads would be left out. */
  static void use(int read) {
    if (read == Integer.MIN_VALUE) Thread.onSpinWait();
  }
}
