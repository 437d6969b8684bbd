package io.gemlab.ops;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/**
 * Scalar constants of a given floating-point type, and casts that cost nothing where none is
 * needed.
 */
public final class Scalars {
  private Scalars() {}

  /**
   * A scalar constant, rounded to the nearest number of {@code type}.
   *
   * @throws IllegalArgumentException if {@code type} is not a floating-point type known here
   */
  public static <T extends TFloating> Operand<T> of(Ops tf, Class<T> type, double value) {
    if (type == TFloat32.class) return expect(tf.constant((float) value), type);
    if (type == TFloat64.class) return expect(tf.constant(value), type);
    if (type == TBfloat16.class) {
      // TensorFlow Java cuts off what does not fit.
      try (TBfloat16 scalar = TBfloat16.scalarOf(Bfloat16.round((float) value))) {
        return expect(tf.constantOf(scalar), type);
      }
    }
    if (type == TFloat16.class) {
      try (TFloat16 scalar = TFloat16.scalarOf((float) value)) {
        return expect(tf.constantOf(scalar), type);
      }
    }
    throw new IllegalArgumentException(
        type.getSimpleName() + " is not a floating-point type Gemlab computes in");
  }

  /** {@code x} as float32; {@code x} itself where it is float32 already. */
  public static Operand<TFloat32> toFloat32(Ops tf, Operand<? extends TFloating> x) {
    return cast(tf, x, TFloat32.class);
  }

  /** {@code x} in {@code type}; {@code x} itself where it has that type already. */
  public static <T extends TFloating> Operand<T> cast(
      Ops tf, Operand<? extends TFloating> x, Class<T> type) {
    return x.type() == type ? expect(x, type) : tf.dtypes.cast(x, type);
  }

  /** 1 where {@code condition} holds and 0 elsewhere, in float32. */
  public static Operand<TFloat32> ones(Ops tf, Operand<TBool> condition) {
    return tf.dtypes.cast(condition, TFloat32.class);
  }

  private static <T extends TFloating> Operand<T> expect(
      Operand<? extends TFloating> operand, Class<T> type) {
    return operand.asOutput().expect(type);
  }
}
