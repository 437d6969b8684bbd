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
   * A tensor that TensorFlow owns, for as long as the call.
   *
   * @param type TensorFlow's number of the element type
   * @param dimensions the first two
   * @param data its elements
   */
  record Matrix(int type, int[] dimensions, MemorySegment data) {}

  /** An input of two dimensions. */
  Matrix input(int index) throws Throwable {
    KernelApi.INPUT.invokeExact(context, index, pointer, status);
    KernelApi.require(status);
    MemorySegment tensor = pointer.get(ADDRESS, 0);
    tensors.add(tensor);
    int[] dimensions = new int[2];
    for (int i = 0; i < dimensions.length; i++) {
      dimensions[i] = Math.toIntExact((long) KernelApi.DIMENSION.invokeExact(tensor, i));
    }
    return new Matrix((int) KernelApi.TENSOR_TYPE.invokeExact(tensor), dimensions, data(tensor));
  }

  /** The output, to be written. */
  MemorySegment output(int type, int rows, int columns, int elementBytes) throws Throwable {
    MemorySegment dimensions = arena.allocateFrom(JAVA_LONG, rows, columns);
    long bytes = (long) rows * columns * elementBytes;
    MemorySegment tensor =
        (MemorySegment)
            KernelApi.ALLOCATE_OUTPUT.invokeExact(context, 0, type, dimensions, 2, bytes, status);
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
