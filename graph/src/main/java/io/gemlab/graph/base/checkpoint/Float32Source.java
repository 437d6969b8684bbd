package io.gemlab.graph.base.checkpoint;

import io.gemlab.graph.base.tensor.ElementType;
import java.lang.foreign.MemorySegment;

/**
 * The values of a tensor that is to be written, given out piece by piece, so that no tensor has to
 * be in memory whole.
 */
@FunctionalInterface
public interface Float32Source {
  /**
   * Fills {@code target} with the values from {@code firstElement} on. A writer asks once for every
   * value, in ascending order.
   *
   * @param firstElement index in the flattened tensor, innermost dimension fastest
   * @param target 4 bytes a value: float32, little-endian
   */
  void read(long firstElement, MemorySegment target);

  /** The values that lie in {@code float32}, 4 bytes each, little-endian. */
  static Float32Source of(MemorySegment float32) {
    return (firstElement, target) ->
        target.copyFrom(float32.asSlice(firstElement * Float.BYTES, target.byteSize()));
  }

  /**
   * The values of a tensor stored as {@code type} (F64, F32, BF16 or F16), such as a mapped one.
   *
   * @param stored the tensor's bytes, little-endian
   */
  static Float32Source of(ElementType type, MemorySegment stored) {
    return (firstElement, target) -> {
      long bytes = target.byteSize() / Float.BYTES * type.byteSize();
      FloatConversion.toFloat32(
          type, stored.asSlice(firstElement * type.byteSize(), bytes), target);
    };
  }
}
