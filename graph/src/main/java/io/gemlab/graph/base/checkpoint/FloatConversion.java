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
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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
      case BF16 -> {
        for (long i = 0; i < n; i++) {
          target.set(FLOAT, 4 * i, Bfloat16.toFloat(source.get(SHORT, 2 * i)));
        }
      }
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
      case BF16 -> {
        for (long i = 0; i < n; i++) {
          target.set(SHORT, 2 * i, Bfloat16.fromFloat(source.get(FLOAT, 4 * i)));
        }
      }
      case F16 -> {
        for (long i = 0; i < n; i++) {
          target.set(SHORT, 2 * i, Float.floatToFloat16(source.get(FLOAT, 4 * i)));
        }
      }
      default -> throw new IllegalArgumentException("float32 can't be stored as " + type);
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
