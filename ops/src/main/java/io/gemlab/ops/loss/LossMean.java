package io.gemlab.ops.loss;

import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** The mean over scored positions, those whose label is not below 0. */
public final class LossMean {
  private LossMean() {}

  /**
   * @param loss_M a number for each position, 0 where not scored
   * @param labels_M which positions are scored
   * @return a scalar; 0 where no position is scored
   */
  public static Operand<TFloat32> apply(
      Ops tf, Operand<TFloat32> loss_M, Operand<TInt32> labels_M) {
    Operand<TFloat32> scored_M = Scalars.ones(tf, tf.math.greaterEqual(labels_M, tf.constant(0)));
    Operand<TFloat32> count = tf.sum(scored_M, tf.constant(0));
    return tf.math.div(
        tf.sum(tf.math.mul(loss_M, scored_M), tf.constant(0)),
        tf.math.maximum(count, tf.constant(1f)));
  }
}
