package io.gemlab.graph.path.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One call of a kernel by TensorFlow: its inputs, its outputs, and what went wrong. */
final class KernelCall implements AutoCloseable {
  /** TensorFlow's number of float32. */
  static final int DT_FLOAT = 1;

  /** TensorFlow's number of bool, a byte of 0 or 1. */
  static final int DT_BOOL = 10;

  /** TensorFlow's number of uint8. */
  static final int DT_UINT8 = 4;

  private static final int SCRATCH_ALIGNMENT = 64;
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
   * @param data its elements
   */
  record Input(int type, long[] shape, MemorySegment data) {
    int dimension(int axis) {
      return Math.toIntExact(shape[axis]);
    }

    /** Its elements, float32 or bfloat16, in memory order. */
    Floats floats() {
      return new Floats(data, type == DT_FLOAT);
    }

    /** Some of them. */
    float[] floats(int from, int count) {
      Floats all = floats();
      float[] floats = new float[count];
      for (int i = 0; i < count; i++) floats[i] = all.get((long) from + i);
      return floats;
    }
  }

  /** How many inputs there are. */
  int inputs() throws Throwable {
    return (int) KernelApi.INPUTS.invokeExact(context);
  }

  /**
   * An input.
   *
   * @param rank how many dimensions it must have
   */
  Input input(int index, int rank) throws Throwable {
    Input input = input(index);
    if (input.shape().length != rank) {
      throw new IllegalArgumentException(
          "input %d has %d dimensions and not %d".formatted(index, input.shape().length, rank));
    }
    return input;
  }

  /** An input of any shape. */
  Input input(int index) throws Throwable {
    MemorySegment tensor = tensor(index);
    long[] shape = new long[(int) KernelApi.RANK.invokeExact(tensor)];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = (long) KernelApi.DIMENSION.invokeExact(tensor, i);
    }
    return new Input((int) KernelApi.TENSOR_TYPE.invokeExact(tensor), shape, data(tensor));
  }

  /**
   * The elements of some inputs, float32 or bfloat16 of any shape.
   *
   * @param first the first of them
   */
  List<Floats> floats(int first, int count) throws Throwable {
    List<Floats> floats = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      MemorySegment tensor = tensor(i);
      int type = (int) KernelApi.TENSOR_TYPE.invokeExact(tensor);
      floats.add(new Floats(data(tensor), type == DT_FLOAT));
    }
    return floats;
  }

  /** Makes an input's own memory an output. */
  void passOn(int input, int output) throws Throwable {
    KernelApi.PASS_ON.invokeExact(context, output, tensor(input), status);
    KernelApi.require(status);
  }

  private MemorySegment tensor(int input) throws Throwable {
    KernelApi.INPUT.invokeExact(context, input, pointer, status);
    KernelApi.require(status);
    MemorySegment tensor = pointer.get(ADDRESS, 0);
    tensors.add(tensor);
    return tensor;
  }

  /**
   * What a kernel throws whose inputs don't fit together.
   *
   * @param shapes says what they are, with a place for the shape of each
   */
  static IllegalArgumentException unfit(String op, String shapes, Input... inputs) {
    Object[] of = Arrays.stream(inputs).map(input -> Arrays.toString(input.shape())).toArray();
    return new IllegalArgumentException(
        op + ": " + shapes.formatted(of) + ", which don't belong together");
  }

  /** The first output, to be written: float32, bfloat16, bool or uint8. */
  MemorySegment output(int type, long... shape) throws Throwable {
    return outputAt(0, type, shape);
  }

  /** An output, likewise. */
  MemorySegment outputAt(int index, int type, long... shape) throws Throwable {
    long bytes =
        switch (type) {
          case DT_FLOAT -> Float.BYTES;
          case DT_BOOL, DT_UINT8 -> Byte.BYTES;
          default -> Short.BYTES;
        };
    for (long dimension : shape) bytes *= dimension;
    MemorySegment dimensions = arena.allocateFrom(JAVA_LONG, shape);
    MemorySegment tensor =
        (MemorySegment)
            KernelApi.ALLOCATE_OUTPUT.invokeExact(
                context, index, type, dimensions, shape.length, bytes, status);
    KernelApi.require(status);
    tensors.add(tensor);
    return data(tensor);
  }

  /** Memory for as long as the call, for all threads. */
  MemorySegment scratch(long bytes) {
    // A shared arena would stop all threads for a moment when it closes.
    return KernelApi.view(
        MemorySegment.ofAddress(arena.allocate(bytes, SCRATCH_ALIGNMENT).address()), bytes);
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
