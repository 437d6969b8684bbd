package io.gemlab.ops.loss;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** The divergence of one distribution over the vocabulary from another, in nats. */
public final class KlDivergence {
  private KlDivergence() {}

  /**
   * {@code KL(p || q) = sum(p (log p - log q))} for each position.
   *
   * @param logP_MV log-probabilities of p, [M, V]
   * @param logQ_MV log-probabilities of q, [M, V]
   * @return [M], at least 0 up to rounding
   */
  public static Operand<TFloat32> apply(
      Ops tf, Operand<TFloat32> logP_MV, Operand<TFloat32> logQ_MV) {
    return tf.sum(
        tf.math.mul(tf.math.exp(logP_MV), tf.math.sub(logP_MV, logQ_MV)), tf.constant(-1));
  }
}
