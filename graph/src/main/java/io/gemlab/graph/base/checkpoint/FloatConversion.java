package io.gemlab.graph.base.checkpoint;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.ops.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Between float32 and the float formats of checkpoints, little-endian as safetensors stores them.
 *
 * <p>Narrowing rounds to nearest, ties to even; what is too large becomes infinity; NaN stays NaN.
 * Widening is exact, so bfloat16 and float16 survive a trip through float32 bit by bit (but for a
 * signalling NaN of float16, which turns quiet).
 */
public final class FloatConversion {
  /** The types read as float32. */
  static final List<ElementType> READ =
      List.of(ElementType.F64, ElementType.F32, ElementType.BF16, ElementType.F16);

  /** The types that float32 values are stored as. */
  static final List<ElementType> STORED =
      List.of(ElementType.F32, ElementType.BF16, ElementType.F16);

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt BITS =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Elements of a chunk, which stays in a core's nearest cache. */
  private static final int CHUNK = 1 << 12;

  private FloatConversion() {}

  /**
   * Widens (or, from F64, rounds) every element of {@code source} to float32.
   *
   * @param type F64, F32, BF16 or F16: what {@code source} holds
   * @param source n elements of {@code type}, little-endian
   * @param target 4n bytes: float32, little-endian
   * @throws IllegalArgumentException if {@code type} is another, or the sizes don't agree
   */
  public static void toFloat32(ElementType type, MemorySegment source, MemorySegment target) {
    long n = elements(target, ElementType.F32, source, type);
    switch (type) {
      case F32 -> target.copyFrom(source);
      case BF16 ->
          inChunks(
              n,
              (at, count, stored, bits) -> {
                MemorySegment.copy(source, SHORT, 2 * at, stored, 0, count);
                Bfloat16.toFloats(stored, bits, count);
                MemorySegment.copy(bits, 0, target, BITS, 4 * at, count);
              });
      case F16 -> {
        for (long i = 0; i < n; i++) {
          target.set(FLOAT, 4 * i, Float.float16ToFloat(source.get(SHORT, 2 * i)));
        }
      }
      case F64 -> {
        for (long i = 0; i < n; i++) {
          target.set(FLOAT, 4 * i, (float) source.get(DOUBLE, 8 * i));
        }
      }
      default -> throw new IllegalArgumentException(type + " can't be read as float32");
    }
  }

  /**
   * Stores every float32 of {@code source} as {@code type}.
   *
   * @param type F32, BF16 or F16: what {@code target} will hold
   * @param source 4n bytes: float32, little-endian
   * @param target n elements of {@code type}, little-endian
   * @throws IllegalArgumentException if {@code type} is another, or the sizes don't agree
   */
  public static void fromFloat32(ElementType type, MemorySegment source, MemorySegment target) {
    long n = elements(source, ElementType.F32, target, type);
    switch (type) {
      case F32 -> target.copyFrom(source);
      case BF16 ->
          inChunks(
              n,
              (at, count, stored, bits) -> {
                MemorySegment.copy(source, BITS, 4 * at, bits, 0, count);
                Bfloat16.fromFloats(bits, stored, count);
                MemorySegment.copy(stored, 0, target, SHORT, 2 * at, count);
              });
      case F16 -> {
        for (long i = 0; i < n; i++) {
          target.set(SHORT, 2 * i, Float.floatToFloat16(source.get(FLOAT, 4 * i)));
        }
      }
      default -> throw new IllegalArgumentException("float32 can't be stored as " + type);
    }
  }

  /** Converts a chunk, which arrays hold: their loops run many times as fast as segments'. */
  @FunctionalInterface
  private interface Chunk {
    /**
     * @param at where it begins
     * @param stored room for its elements in 16 bits
     * @param bits room for its elements in 32 bits
     */
    void convert(long at, int count, short[] stored, int[] bits);
  }

  private static void inChunks(long n, Chunk chunk) {
    int size = (int) Math.min(n, CHUNK);
    short[] stored = new short[size];
    int[] bits = new int[size];
    for (long at = 0; at < n; at += CHUNK) {
      chunk.convert(at, (int) Math.min(CHUNK, n - at), stored, bits);
    }
  }

  private static long elements(
      MemorySegment float32, ElementType f32, MemorySegment other, ElementType type) {
    long n = float32.byteSize() / f32.byteSize();
    if (float32.byteSize() != n * f32.byteSize() || other.byteSize() != n * type.byteSize()) {
      throw new IllegalArgumentException(
          "%d bytes of %s and %d bytes of %s are not the same number of elements"
              .formatted(float32.byteSize(), f32, other.byteSize(), type));
    }
    return n;
  }
}
