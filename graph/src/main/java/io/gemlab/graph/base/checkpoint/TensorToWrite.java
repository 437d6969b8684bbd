package io.gemlab.graph.base.checkpoint;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import java.lang.foreign.MemorySegment;

/** A tensor on its way into a safetensors file; its elements are read once. */
public final class TensorToWrite {
  private final String name;
  private final ElementType type;
  private final TensorShape shape;
  private final Elements elements;

  /** The elements in order, as they are stored. */
  @FunctionalInterface
  private interface Elements {
    /**
     * @param target whole elements, no more than are left
     * @param scratch 4 bytes for each of them, free to use
     */
    void next(MemorySegment target, MemorySegment scratch);
  }

  private TensorToWrite(String name, ElementType type, TensorShape shape, Elements elements) {
    if (name.equals(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException(name + " is no name for a tensor: the format keeps it");
    }
    this.name = name;
    this.type = type;
    this.shape = shape;
    this.elements = elements;
  }

  /**
   * A tensor of floating-point numbers.
   *
   * @param name its name in the file
   * @param type what it is stored as: F32, BF16 or F16
   * @param shape its dimensions, outermost first; empty for a scalar
   * @param values the float32 values that are stored, rounded to {@code type}
   */
  public TensorToWrite(String name, ElementType type, TensorShape shape, Float32Stream values) {
    this(
        name,
        type,
        shape,
        (target, float32) -> {
          values.next(float32);
          FloatConversion.fromFloat32(type, float32, target);
        });
    if (!FloatConversion.STORED.contains(type)) {
      throw new IllegalArgumentException(
          "Tensor %s can't be stored as %s: choose one of %s"
              .formatted(name, type, FloatConversion.STORED));
    }
  }

  /**
   * A tensor of any type, stored bit for bit.
   *
   * @param value open until it is written
   */
  public static TensorToWrite exactly(String name, HostTensor value) {
    return new TensorToWrite(
        name,
        value.type(),
        value.shape(),
        new Elements() {
          private long offset;

          @Override
          public void next(MemorySegment target, MemorySegment scratch) {
            target.copyFrom(value.data().asSlice(offset, target.byteSize()));
            offset += target.byteSize();
          }
        });
  }

  /** The same under another name: its elements are read once all the same. */
  public TensorToWrite named(String other) {
    return new TensorToWrite(other, type, shape, elements);
  }

  /** Its name in the file. */
  public String name() {
    return name;
  }

  /** What it is stored as. */
  public ElementType type() {
    return type;
  }

  /** Its dimensions, outermost first; empty for a scalar. */
  public TensorShape shape() {
    return shape;
  }

  /** The bytes that it takes in the file. */
  public long byteSize() {
    return TensorInfo.byteSize(type, shape);
  }

  /** Fills {@code target} with the next elements. */
  void next(MemorySegment target, MemorySegment scratch) {
    elements.next(target, scratch);
  }
}
