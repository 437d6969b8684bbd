package io.gemlab.graph.base.tensor;

/** A tensor's name, type and shape, without its elements. */
public record TensorSpec(String name, ElementType type, TensorShape shape) {

  /** Bytes the elements take. */
  public long bytes() {
    return Math.multiplyExact(shape.elements(), type.byteSize());
  }

  @Override
  public String toString() {
    return name + " " + type.label() + shape;
  }
}
