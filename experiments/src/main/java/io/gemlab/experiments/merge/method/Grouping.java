package io.gemlab.experiments.merge.method;

import io.gemlab.graph.base.tensor.TensorShape;

/**
 * Which elements of a tensor make one vector.
 *
 * @param groups how many vectors
 * @param stride elements from one of a vector to the next
 * @param length elements of a vector that lie together
 */
record Grouping(int groups, long stride, long length) {
  /** The whole tensor. */
  static Grouping whole(TensorShape shape) {
    return new Grouping(1, 1, Math.max(1, shape.elements()));
  }

  /** Each row, the innermost dimension, alone. */
  static Grouping rows(TensorShape shape) {
    if (shape.rank() < 2) return whole(shape);
    long length = shape.dimensions().getLast();
    return new Grouping(Math.toIntExact(shape.elements() / length), 1, length);
  }

  /** Each column alone: the elements that differ in the outermost dimension only. */
  static Grouping columns(TensorShape shape) {
    if (shape.rank() < 2) return whole(shape);
    long columns = shape.elements() / shape.dimensions().getFirst();
    return new Grouping(Math.toIntExact(columns), columns, 1);
  }

  /** The vector that an element is of. */
  int of(long element) {
    return (int) (stride == 1 ? element / length : element % stride);
  }
}
