package io.gemlab.ops.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One call of a kernel by TensorFlow: its inputs, its output, and what went wrong. */
final class KernelCall implements AutoCloseable {
  private static final int INTERNAL = 13;

  private final MemorySegment context;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment pointer = arena.allocate(ADDRESS);
  private final MemorySegment status;
  private final List<MemorySegment> tensors = new ArrayList<>();

  KernelCall(MemorySegment context) throws Throwable {
    this.context = context;
    this.status = (MemorySegment) KernelApi.NEW_STATUS.invokeExact();
  }

  /**
   * A batch of matrices that TensorFlow owns, for as long as the call.
   *
   * @param type TensorFlow's number of the element type
   * @param shape all dimensions
   * @param data its elements
   */
  record Matrices(int type, long[] shape, MemorySegment data) {
    /** How many. */
    int count() {
      long count = 1;
      for (int i = 0; i < shape.length - 2; i++) count *= shape[i];
      return Math.toIntExact(count);
    }

    int rows() {
      return Math.toIntExact(shape[shape.length - 2]);
    }

    int columns() {
      return Math.toIntExact(shape[shape.length - 1]);
    }
  }

  /** An input of two dimensions or more. */
  Matrices input(int index) throws Throwable {
    KernelApi.INPUT.invokeExact(context, index, pointer, status);
    KernelApi.require(status);
    MemorySegment tensor = pointer.get(ADDRESS, 0);
    tensors.add(tensor);
    long[] shape = new long[(int) KernelApi.RANK.invokeExact(tensor)];
    if (shape.length < 2) throw new IllegalArgumentException("input " + index + " is no matrix");
    for (int i = 0; i < shape.length; i++) {
      shape[i] = (long) KernelApi.DIMENSION.invokeExact(tensor, i);
    }
    return new Matrices((int) KernelApi.TENSOR_TYPE.invokeExact(tensor), shape, data(tensor));
  }

  /** The output, to be written: as many rows as {@code like}. */
  MemorySegment output(Matrices like, int columns, int elementBytes) throws Throwable {
    long[] shape = like.shape().clone();
    shape[shape.length - 1] = columns;
    long bytes = (long) like.count() * like.rows() * columns * elementBytes;
    MemorySegment dimensions = arena.allocateFrom(JAVA_LONG, shape);
    MemorySegment tensor =
        (MemorySegment)
            KernelApi.ALLOCATE_OUTPUT.invokeExact(
                context, 0, like.type(), dimensions, shape.length, bytes, status);
    KernelApi.require(status);
    tensors.add(tensor);
    return data(tensor);
  }

  private static MemorySegment data(MemorySegment tensor) throws Throwable {
    long bytes = (long) KernelApi.TENSOR_BYTES.invokeExact(tensor);
    return KernelApi.view((MemorySegment) KernelApi.TENSOR_DATA.invokeExact(tensor), bytes);
  }

  /** Makes the session's run fail. */
  void fail(Throwable cause) throws Throwable {
    KernelApi.set(status, INTERNAL, cause);
    KernelApi.FAILURE.invokeExact(context, status);
  }

  @Override
  public void close() {
    try {
      for (MemorySegment tensor : tensors) KernelApi.DELETE_TENSOR.invokeExact(tensor);
      KernelApi.DELETE_STATUS.invokeExact(status);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    } finally {
      arena.close();
    }
  }
}
