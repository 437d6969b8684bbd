package io.gemlab.ops.loss;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * What logits are divided by, behind their cap, before they become a distribution.
 *
 * @param value finite and above 0
 */
public record Temperature(double value) {
  /** Leaves logits as they are. */
  public static final Temperature ONE = new Temperature(1);

  public Temperature {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "temperature is " + value + "; give a finite number above 0");
    }
  }

  /** {@code x / T}, of logits as of gradients that go back through their division. */
  Operand<TFloat32> divide(Ops tf, Operand<TFloat32> x) {
    return tf.math.mul(x, tf.constant((float) (1 / value)));
  }
}
