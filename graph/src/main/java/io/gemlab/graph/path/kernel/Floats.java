package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.ORDER;
import static io.gemlab.graph.path.kernel.Lanes.SHORTS;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.gemlab.ops.Bfloat16;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/**
 * Numbers of float32 or bfloat16 in memory, one or a vector of them at a time, which are float32 in
 * registers.
 *
 * @param wide whether they are float32, else bfloat16; what is written is rounded to that, ties to
 *     even
 */
record Floats(MemorySegment data, boolean wide) {
  /** How many there are. */
  long count() {
    return data.byteSize() / bytes();
  }

  private long bytes() {
    return wide ? Float.BYTES : Short.BYTES;
  }

  float get(long i) {
    return wide
        ? Lanes.get(data, i)
        : Bfloat16.toFloat(data.get(JAVA_SHORT_UNALIGNED, Short.BYTES * i));
  }

  void set(long i, float x) {
    if (wide) Lanes.set(data, i, x);
    else data.set(JAVA_SHORT_UNALIGNED, Short.BYTES * i, Bfloat16.fromFloat(x));
  }

  FloatVector load(long i) {
    return wide
        ? Lanes.load(data, i)
        : Lanes.widen(ShortVector.fromMemorySegment(SHORTS, data, Short.BYTES * i, ORDER));
  }

  void store(FloatVector x, long i) {
    if (wide) Lanes.store(x, data, i);
    else Lanes.narrow(x).intoMemorySegment(data, Short.BYTES * i, ORDER);
  }

  /** The memory from one of them on. */
  MemorySegment from(long i) {
    return data.asSlice(bytes() * i);
  }

  /** Sets some to 0. */
  void zero(long from, long count) {
    data.asSlice(bytes() * from, bytes() * count).fill((byte) 0);
  }
}
