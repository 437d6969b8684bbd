package io.gemlab.graph.base.tensor;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A shape whose every dimension is known.
 *
 * @param dimensions each at least 0; empty for a scalar
 */
public record TensorShape(List<Long> dimensions) {
  public TensorShape {
    dimensions = List.copyOf(dimensions);
    for (long dimension : dimensions) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "a dimension of " + dimension + " in " + dimensions + "; none may be below 0");
      }
    }
  }

  public static TensorShape of(long... dimensions) {
    return new TensorShape(LongStream.of(dimensions).boxed().toList());
  }

  /**
   * The number of elements.
   *
   * @throws ArithmeticException if it exceeds a long
   */
  public long elements() {
    long elements = 1;
    for (long dimension : dimensions) elements = Math.multiplyExact(elements, dimension);
    return elements;
  }

  /** The shape of {@code count} such tensors stacked along a new first dimension. */
  public TensorShape stacked(long count) {
    return new TensorShape(Stream.concat(Stream.of(count), dimensions.stream()).toList());
  }

  /** The shape of each tensor of a stack of this shape. */
  public TensorShape unstacked() {
    return new TensorShape(dimensions.subList(1, rank()));
  }

  /**
   * Where an element stands.
   *
   * @param element its index in the flattened tensor, innermost dimension fastest
   */
  public List<Long> coordinates(long element) {
    Long[] coordinates = new Long[rank()];
    long rest = element;
    for (int axis = rank() - 1; axis >= 0; axis--) {
      coordinates[axis] = rest % dimensions.get(axis);
      rest /= dimensions.get(axis);
    }
    return List.of(coordinates);
  }

  public int rank() {
    return dimensions.size();
  }

  public long[] toArray() {
    return dimensions.stream().mapToLong(Long::longValue).toArray();
  }

  /** As {@code [2, 3]}. */
  @Override
  public String toString() {
    return dimensions.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }
}
