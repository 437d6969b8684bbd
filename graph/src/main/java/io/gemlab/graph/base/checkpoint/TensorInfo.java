package io.gemlab.graph.base.checkpoint;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;

/**
 * Where a tensor of a safetensors file lies and what it is.
 *
 * @param name its name in the file
 * @param type what one element is
 * @param shape its dimensions, outermost first; empty for a scalar
 * @param offset where its first byte lies, from the start of the file
 * @param byteSize its bytes: the product of {@code shape} times the bytes of {@code type}
 */
public record TensorInfo(
    String name, ElementType type, TensorShape shape, long offset, long byteSize) {
  public TensorInfo {
    if (byteSize != byteSize(type, shape)) {
      throw new IllegalArgumentException(
          "%s %s of %s has not %d bytes".formatted(name, type, shape, byteSize));
    }
  }

  /** The same tensor under another name. */
  TensorInfo named(String other) {
    return new TensorInfo(other, type, shape, offset, byteSize);
  }

  /** How many elements it has. */
  public long elements() {
    return byteSize / type.byteSize();
  }

  /**
   * @return the bytes that elements of {@code type} in {@code shape} take
   * @throws ArithmeticException if that is over 2^63 - 1
   */
  static long byteSize(ElementType type, TensorShape shape) {
    return Math.multiplyExact(shape.elements(), type.byteSize());
  }
}
