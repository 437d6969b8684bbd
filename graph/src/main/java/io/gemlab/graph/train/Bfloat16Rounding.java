package io.gemlab.graph.train;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Float32 rounded to the nearest bfloat16, ties to even, by its bits. Two casts would say the same,
 * but XLA may leave both out and keep more precision than the type has.
 */
final class Bfloat16Rounding {
  private static final int HALF_A_UNIT = 0x7fff;
  private static final int UPPER_HALF = 0xffff0000;

  private Bfloat16Rounding() {}

  /** The same shape and type; what is NaN stays as it is. */
  static Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x) {
    Operand<TInt32> bits = tf.bitcast(x, TInt32.class);
    Operand<TInt32> odd =
        tf.bitwise.bitwiseAnd(tf.bitwise.rightShift(bits, tf.constant(16)), tf.constant(1));
    Operand<TInt32> carried = tf.math.add(tf.math.add(bits, tf.constant(HALF_A_UNIT)), odd);
    Operand<TFloat32> rounded =
        tf.bitcast(tf.bitwise.bitwiseAnd(carried, tf.constant(UPPER_HALF)), TFloat32.class);
    return tf.select(tf.math.isNan(x), x, rounded);
  }
}
