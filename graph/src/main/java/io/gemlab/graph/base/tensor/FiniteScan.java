package io.gemlab.graph.base.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;

/**
 * Finds NaN and infinities by their bits, eight bytes at a time.
 *
 * <p>A magnitude is infinite or NaN from its type's exponent of all ones on, so adding the distance
 * from there to the sign bit carries into the sign bit, and never out of the element. No comparison
 * or maximum of floating-point numbers is involved, which could drop a NaN.
 */
final class FiniteScan {
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final int PIECE = 1 << 16;

  /** From here on a float64 is infinite as float32, which is what it is read as. */
  private static final long FLOAT64_LIMIT = Double.doubleToLongBits(0x1.ffffffp127);

  private FiniteScan() {}

  /**
   * The first element that is NaN or infinite; none of integers and of 8-bit floats, which nothing
   * computes with.
   */
  static OptionalLong firstOther(ElementType type, MemorySegment data) {
    return switch (type) {
      case BF16 -> new Lanes(Short.SIZE, 0x7f80).first(data);
      case F16 -> new Lanes(Short.SIZE, 0x7c00).first(data);
      case F32 -> new Lanes(Integer.SIZE, 0x7f80_0000).first(data);
      case F64 -> new Lanes(Long.SIZE, FLOAT64_LIMIT).first(data);
      default -> OptionalLong.empty();
    };
  }

  /** A word as elements of {@code bits} each, of which each magnitude below infinity is finite. */
  private record Lanes(int bits, long infinity) {
    OptionalLong first(MemorySegment data) {
      long whole = data.byteSize() / Long.BYTES * Long.BYTES;
      for (long from = 0; from < whole; from += PIECE) {
        int length = (int) Math.min(PIECE, whole - from);
        if (anyOther(data.asSlice(from, length), length)) return firstIn(data, from);
      }
      return firstIn(data, whole);
    }

    private boolean anyOther(MemorySegment piece, int length) {
      long sign = repeated(1L << (bits - 1));
      long distance = repeated((1L << (bits - 1)) - infinity);
      long signs = 0;
      for (int i = 0; i < length; i += Long.BYTES) {
        signs |= (piece.get(WORD, i) & ~sign) + distance;
      }
      return (signs & sign) != 0;
    }

    private long repeated(long lane) {
      long word = 0;
      for (int shift = 0; shift < Long.SIZE; shift += bits) word |= lane << shift;
      return word;
    }

    /** Element by element. */
    private OptionalLong firstIn(MemorySegment data, long from) {
      int bytes = bits / Byte.SIZE;
      for (long at = from; at < data.byteSize(); at += bytes) {
        long element =
            switch (bytes) {
              case Short.BYTES -> data.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
              case Integer.BYTES -> data.get(ValueLayout.JAVA_INT_UNALIGNED, at);
              default -> data.get(WORD, at);
            };
        long magnitude = element & ((1L << (bits - 1)) - 1);
        if (magnitude >= infinity) return OptionalLong.of(at / bytes);
      }
      return OptionalLong.empty();
    }
  }
}
