package io.gemlab.graph.base.checkpoint;

import io.gemlab.graph.base.tensor.ElementType;
import java.lang.foreign.MemorySegment;

/**
 * The values of a tensor that lies somewhere whole: read piece by piece, in any order, as often as
 * wanted and by several threads at once.
 */
@FunctionalInterface
public interface Float32Tensor {
  /**
   * Fills {@code target} with the values from {@code firstElement} on.
   *
   * @param firstElement index in the flattened tensor, innermost dimension fastest
   * @param target 4 bytes a value: float32, little-endian
   */
  void read(long firstElement, MemorySegment target);

  /** The values from the first on, for a reader that wants them in order. */
  default Float32Stream stream() {
    return new Float32Stream() {
      private long next;

      @Override
      public void next(MemorySegment target) {
        read(next, target);
        next += target.byteSize() / Float.BYTES;
      }
    };
  }

  /** The values that lie in {@code float32}, 4 bytes each, little-endian. */
  static Float32Tensor of(MemorySegment float32) {
    return (firstElement, target) ->
        target.copyFrom(float32.asSlice(firstElement * Float.BYTES, target.byteSize()));
  }

  /**
   * The values of a tensor stored as {@code type} (F64, F32, BF16 or F16), such as a mapped one.
   *
   * @param stored the tensor's bytes, little-endian
   */
  static Float32Tensor of(ElementType type, MemorySegment stored) {
    return (firstElement, target) -> {
      long bytes = target.byteSize() / Float.BYTES * type.byteSize();
      FloatConversion.toFloat32(
          type, stored.asSlice(firstElement * type.byteSize(), bytes), target);
    };
  }
}
