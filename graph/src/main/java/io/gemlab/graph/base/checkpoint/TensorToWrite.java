package io.gemlab.graph.base.checkpoint;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;

/**
 * A tensor on its way into a safetensors file.
 *
 * @param name its name in the file
 * @param type what it is stored as: F32, BF16 or F16
 * @param shape its dimensions, outermost first; empty for a scalar
 * @param values the float32 values that are stored, rounded to {@code type}; read once
 */
public record TensorToWrite(
    String name, ElementType type, TensorShape shape, Float32Stream values) {
  public TensorToWrite {
    if (name.equals(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException(name + " is no name for a tensor: the format keeps it");
    }
    if (!FloatConversion.STORED.contains(type)) {
      throw new IllegalArgumentException(
          "Tensor %s can't be stored as %s: choose one of %s"
              .formatted(name, type, FloatConversion.STORED));
    }
  }

  /** The bytes that it takes in the file. */
  public long byteSize() {
    return TensorInfo.byteSize(type, shape);
  }
}
