package io.gemlab.graph.base.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A tensor in host memory, row-major.
 *
 * <p>It owns its memory until closed, or borrows it from the garbage collector or from somebody
 * else; closing twice does nothing.
 */
public final class HostTensor implements AutoCloseable {
  private final ElementType type;
  private final TensorShape shape;
  private final MemorySegment data;
  private Runnable release;

  /**
   * @param data exactly the elements
   * @param release frees the memory; run once, by {@link #close}
   * @throws IllegalArgumentException if {@code data} has not the bytes of the shape
   */
  public HostTensor(ElementType type, TensorShape shape, MemorySegment data, Runnable release) {
    long bytes = Math.multiplyExact(shape.elements(), type.byteSize());
    if (data.byteSize() != bytes) {
      throw new IllegalArgumentException(
          data.byteSize() + " bytes for a " + type.label() + shape + ", which takes " + bytes);
    }
    this.type = type;
    this.shape = shape;
    this.data = data;
    this.release = release;
  }

  /** Zeroes, in memory that the garbage collector frees. For large tensors name an arena. */
  public static HostTensor zeros(ElementType type, TensorShape shape) {
    return zeros(type, shape, Arena.ofAuto());
  }

  /** Zeroes, in memory that lives as long as the arena. */
  public static HostTensor zeros(ElementType type, TensorShape shape, Arena arena) {
    long bytes = Math.multiplyExact(shape.elements(), type.byteSize());
    return new HostTensor(type, shape, arena.allocate(bytes, 64), () -> {});
  }

  /** Zeroes, in memory of its own, which only {@link #close} frees; any thread may close it. */
  public static HostTensor allocate(ElementType type, TensorShape shape) {
    long bytes = Math.multiplyExact(shape.elements(), type.byteSize());
    Arena arena = Arena.ofShared();
    return new HostTensor(type, shape, arena.allocate(bytes, 64), arena::close);
  }

  public static HostTensor of(int[] values, long... shape) {
    HostTensor tensor = zeros(ElementType.I32, TensorShape.of(shape));
    MemorySegment.copy(values, 0, tensor.data, ValueLayout.JAVA_INT, 0, values.length);
    return tensor;
  }

  public static HostTensor of(float[] values, long... shape) {
    HostTensor tensor = zeros(ElementType.F32, TensorShape.of(shape));
    MemorySegment.copy(values, 0, tensor.data, ValueLayout.JAVA_FLOAT, 0, values.length);
    return tensor;
  }

  public static HostTensor scalar(float value) {
    return of(new float[] {value});
  }

  /** A batch of rows of equal length, int32 [rows, length]. */
  public static HostTensor of(int[][] rows) {
    int length = rows[0].length;
    int[] flat = new int[rows.length * length];
    for (int i = 0; i < rows.length; i++) System.arraycopy(rows[i], 0, flat, i * length, length);
    return of(flat, rows.length, length);
  }

  public ElementType type() {
    return type;
  }

  public TensorShape shape() {
    return shape;
  }

  /**
   * Some slices along the first dimension, one after the other, borrowed from this tensor.
   *
   * @throws IndexOutOfBoundsException if there are not so many
   */
  public HostTensor slices(int from, int to) {
    long bytes = shape.unstacked().elements() * type.byteSize();
    return new HostTensor(
        type,
        shape.unstacked().stacked(to - from),
        data.asSlice(from * bytes, (to - from) * bytes),
        () -> {});
  }

  /** The elements. */
  public MemorySegment data() {
    return data;
  }

  /**
   * The elements as floats.
   *
   * @throws IllegalStateException if this is no float32 tensor
   */
  public float[] floats() {
    require(ElementType.F32);
    return data.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  /**
   * The elements as ints.
   *
   * @throws IllegalStateException if this is no int32 tensor
   */
  public int[] ints() {
    require(ElementType.I32);
    return data.toArray(ValueLayout.JAVA_INT_UNALIGNED);
  }

  /** The only element, of a float32 scalar. */
  public float item() {
    require(ElementType.F32);
    if (shape.elements() != 1) throw new IllegalStateException(shape + " is no scalar");
    return data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
  }

  /** The first element that is NaN, or infinite in float32 or its own type, and where it stands. */
  public Optional<NotFinite> notFinite() {
    OptionalLong element = FiniteScan.firstOther(type, data);
    return element.isEmpty()
        ? Optional.empty()
        : Optional.of(NotFinite.of(this, element.getAsLong()));
  }

  @Override
  public void close() {
    Runnable once = release;
    release = () -> {};
    once.run();
  }

  private void require(ElementType expected) {
    if (type != expected) {
      throw new IllegalStateException(
          "a " + type.label() + " tensor was read as " + expected.label());
    }
  }

  @Override
  public String toString() {
    return type.label() + shape;
  }
}
