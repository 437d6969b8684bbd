package io.gemlab.ops;

/** Between float32 and bfloat16, which is the upper 16 bits of a float32. */
public final class Bfloat16 {
  private static final int DROPPED_BITS = 16;

  private Bfloat16() {}

  /** The float32 whose upper 16 bits {@code bfloat16} is. */
  public static float toFloat(short bfloat16) {
    return Float.intBitsToFloat(bfloat16 << DROPPED_BITS);
  }

  /** {@code value} rounded to the nearest bfloat16, ties to even; NaN stays NaN. */
  public static float round(float value) {
    return toFloat(fromFloat(value));
  }

  /** The bfloat16 nearest to {@code value}, ties to even; NaN stays NaN. */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int upper = bits >>> DROPPED_BITS;
    if (Float.isNaN(value)) {
      // Dropping the lower half of a NaN may leave an infinity: then the quiet bit keeps it a NaN.
      return (short) ((upper & 0x7f) == 0 ? upper | 0x40 : upper);
    }
    return (short) ((bits + 0x7fff + (upper & 1)) >>> DROPPED_BITS);
  }
}
