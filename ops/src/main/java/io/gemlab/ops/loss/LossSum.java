package io.gemlab.ops.loss;

import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A loss before it is averaged, so that whoever has all of a step's batches divides once, by the
 * scored tokens of them all. A mean of batches' means would weigh tokens by the batch that they
 * happen to be in.
 *
 * @param sum over scored positions, a scalar
 * @param tokens how many positions are scored, a scalar
 */
public record LossSum(Operand<TFloat32> sum, Operand<TInt32> tokens) {

  /**
   * Sums over scored positions, those whose label is not below 0.
   *
   * @param loss_M a number for each position
   * @param labels_M which positions are scored
   */
  public static LossSum of(Ops tf, Operand<TFloat32> loss_M, Operand<TInt32> labels_M) {
    Operand<TFloat32> scored_M = Scalars.ones(tf, tf.math.greaterEqual(labels_M, tf.constant(0)));
    return new LossSum(tf.sum(tf.math.mul(loss_M, scored_M), tf.constant(0)), count(tf, labels_M));
  }

  /** How many positions are scored, a scalar. */
  public static Operand<TInt32> count(Ops tf, Operand<TInt32> labels_M) {
    Operand<TFloat32> scored_M = Scalars.ones(tf, tf.math.greaterEqual(labels_M, tf.constant(0)));
    return tf.dtypes.cast(tf.sum(scored_M, tf.constant(0)), TInt32.class);
  }

  /** The mean of this batch alone, a scalar; 0 where no position is scored. */
  public Operand<TFloat32> mean(Ops tf) {
    return tf.math.div(
        sum, tf.math.maximum(tf.dtypes.cast(tokens, TFloat32.class), tf.constant(1f)));
  }
}
