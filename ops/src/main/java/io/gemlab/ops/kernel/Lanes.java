package io.gemlab.ops.kernel;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** This machine's vectors: as many floats as its registers hold. */
final class Lanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
  static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, FLOATS.vectorShape());

  /** Floats in a vector. */
  static final int COUNT = FLOATS.length();

  /** The order of bytes in tensors: the machine's. */
  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private Lanes() {}

  /** The numbers in the highest {@code bits} of each lane, in two's complement. */
  static FloatVector highest(IntVector lanes, int bits) {
    IntVector numbers = lanes.lanewise(VectorOperators.ASHR, Integer.SIZE - bits);
    return (FloatVector) numbers.convertShape(VectorOperators.I2F, FLOATS, 0);
  }
}
