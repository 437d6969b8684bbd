package io.gemlab.graph.base.tensor;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A part of a tensor: along each dimension the indices from one to another.
 *
 * @param whole the tensor's shape
 * @param first the first index along each dimension
 * @param shape the part's own
 */
public record TensorSlice(TensorShape whole, List<Long> first, TensorShape shape) {
  /**
   * @throws IllegalArgumentException if it reaches beyond the tensor
   */
  public TensorSlice {
    first = List.copyOf(first);
    boolean inside = first.size() == whole.rank() && shape.rank() == whole.rank();
    for (int i = 0; inside && i < whole.rank(); i++) {
      inside =
          first.get(i) >= 0
              && first.get(i) + shape.dimensions().get(i) <= whole.dimensions().get(i);
    }
    if (!inside) {
      throw new IllegalArgumentException("no %s of %s from %s on".formatted(shape, whole, first));
    }
  }

  /** All of a tensor. */
  public static TensorSlice all(TensorShape whole) {
    return new TensorSlice(whole, Collections.nCopies(whole.rank(), 0L), whole);
  }

  /** What it is of one tensor of a stack; empty if it has nothing of that one. */
  public Optional<TensorSlice> unstacked(long tensor) {
    long index = tensor - first.getFirst();
    if (index < 0 || index >= shape.dimensions().getFirst()) return Optional.empty();
    return Optional.of(
        new TensorSlice(whole.unstacked(), first.subList(1, first.size()), shape.unstacked()));
  }

  /** Elements that lie together in the tensor and in the slice, both row-major. */
  @FunctionalInterface
  public interface Run<E extends Exception> {
    /**
     * @param inWhole where they begin in the tensor
     * @param inSlice where they begin in the slice
     * @param elements how many there are
     */
    void at(long inWhole, long inSlice, long elements) throws E;
  }

  /** Goes through the longest such runs, in order. */
  public <E extends Exception> void runs(Run<E> run) throws E {
    int last = lastCut();
    if (shape.elements() == 0) return;
    if (last < 0) {
      run.at(0, 0, whole.elements());
      return;
    }
    long inner = 1; // elements of one step along the last cut dimension
    for (int i = last + 1; i < whole.rank(); i++) inner *= whole.dimensions().get(i);
    long elements = inner * shape.dimensions().get(last);
    long count = shape.elements() / elements;
    for (long at = 0; at < count; at++) {
      long left = at;
      long offset = first.get(last) * inner;
      long stride = inner * whole.dimensions().get(last);
      for (int i = last - 1; i >= 0; i--) {
        long size = shape.dimensions().get(i);
        offset += (first.get(i) + left % size) * stride;
        left /= size;
        stride *= whole.dimensions().get(i);
      }
      run.at(offset, at * elements, elements);
    }
  }

  /** The last dimension that it has not all of; -1 for none. */
  private int lastCut() {
    for (int i = whole.rank() - 1; i >= 0; i--) {
      if (!shape.dimensions().get(i).equals(whole.dimensions().get(i))) return i;
    }
    return -1;
  }
}
