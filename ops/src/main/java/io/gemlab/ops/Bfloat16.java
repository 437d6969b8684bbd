package io.gemlab.ops;

/** Between float32 and bfloat16, which is the upper 16 bits of a float32. */
public final class Bfloat16 {
  private static final int DROPPED_BITS = 16;
  private static final int MAGNITUDE = Integer.MAX_VALUE;
  private static final int INFINITY = 0x7f800000;

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
    return rounded(bits);
  }

  /** Of what is no NaN. */
  private static short rounded(int bits) {
    return (short) ((bits + 0x7fff + ((bits >>> DROPPED_BITS) & 1)) >>> DROPPED_BITS);
  }

  /** {@link #toFloat} of the first {@code count}, a float32 being given by its bits. */
  public static void toFloats(short[] bfloat16, int[] float32, int count) {
    for (int i = 0; i < count; i++) float32[i] = bfloat16[i] << DROPPED_BITS;
  }

  /** {@link #fromFloat} of the first {@code count}, a float32 being given by its bits. */
  public static void fromFloats(int[] float32, short[] bfloat16, int count) {
    int largest = 0;
    for (int i = 0; i < count; i++) largest = Math.max(largest, float32[i] & MAGNITUDE);
    if (largest <= INFINITY) { // Without a branch for NaN in it the loop runs many times as fast.
      for (int i = 0; i < count; i++) bfloat16[i] = rounded(float32[i]);
    } else {
      for (int i = 0; i < count; i++) bfloat16[i] = fromFloat(Float.intBitsToFloat(float32[i]));
    }
  }
}
