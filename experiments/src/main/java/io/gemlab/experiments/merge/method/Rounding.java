package io.gemlab.experiments.merge.method;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.ops.Bfloat16;

/**
 * What the result of each operation is rounded to. {@link #NONE} is float32 arithmetic; the others
 * give the numbers that a tensor library has which computes in a half type: each operation in
 * float32, its result rounded to nearest even.
 */
public enum Rounding {
  NONE {
    @Override
    public float round(float value) {
      return value;
    }

    @Override
    void round(float[] values, int count) {}
  },
  BFLOAT16 {
    @Override
    public float round(float value) {
      return Bfloat16.round(value);
    }
  },
  FLOAT16 {
    @Override
    public float round(float value) {
      return Float.float16ToFloat(Float.floatToFloat16(value));
    }
  };

  /** That of arithmetic in a type. */
  public static Rounding of(ElementType type) {
    return switch (type) {
      case BF16 -> BFLOAT16;
      case F16 -> FLOAT16;
      default -> NONE;
    };
  }

  public abstract float round(float value);

  /** Rounds the first {@code count} values in place. */
  void round(float[] values, int count) {
    for (int i = 0; i < count; i++) values[i] = round(values[i]);
  }

  /** A number that is rounded to float32 and then as all others. */
  float round(double value) {
    return round((float) value);
  }
}
