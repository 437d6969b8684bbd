package io.gemlab.ops.attention;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * Layouts for grouped-query attention. The G query heads of a key-value head become rows of one
 * product, so that keys and values are never repeated.
 */
final class Heads {
  private Heads() {}

  /** [B, T, N, H] to [B, K, G * T, H]. */
  static <T extends TType> Operand<T> groupQueries(Ops tf, Operand<T> q_BTNH, AttentionSpec spec) {
    return groupQueries(tf, q_BTNH, spec, q_BTNH.shape().get(0), q_BTNH.shape().get(1));
  }

  /** The same where an operand can't be asked: in a gradient. */
  static <T extends TType> Operand<T> groupQueries(
      Ops tf, Operand<T> q_BTNH, AttentionSpec spec, long batch, long length) {
    Operand<T> q_BTKGH =
        reshape(tf, q_BTNH, batch, length, spec.kvHeads(), spec.groups(), spec.headDim());
    return reshape(
        tf,
        transpose(tf, q_BTKGH, 0, 2, 3, 1, 4),
        batch,
        spec.kvHeads(),
        spec.groups() * length,
        spec.headDim());
  }

  /** [B, K, G * T, H] back to [B, T, N, H]. */
  static <T extends TType> Operand<T> ungroupQueries(
      Ops tf, Operand<T> x_BKQH, AttentionSpec spec, long batch, long length) {
    Operand<T> x_BKGTH =
        reshape(tf, x_BKQH, batch, spec.kvHeads(), spec.groups(), length, spec.headDim());
    return reshape(
        tf, transpose(tf, x_BKGTH, 0, 3, 1, 2, 4), batch, length, spec.heads(), spec.headDim());
  }

  /** [B, S, K, H] to [B, K, S, H]. */
  static <T extends TType> Operand<T> keysFirst(Ops tf, Operand<T> x_BSKH) {
    return transpose(tf, x_BSKH, 0, 2, 1, 3);
  }

  static <T extends TType> Operand<T> reshape(Ops tf, Operand<T> x, long... shape) {
    return tf.reshape(x, tf.constant(shape));
  }

  static <T extends TType> Operand<T> transpose(Ops tf, Operand<T> x, int... permutation) {
    return tf.linalg.transpose(x, tf.constant(permutation));
  }

  /** {@code a b} over the last two axes. */
  static <T extends TFloating> Operand<T> product(
      Ops tf, Class<T> type, Operand<T> a, Operand<T> b) {
    return tf.train.batchMatMul(a, b, type);
  }

  /** {@code a b^T} over the last two axes. */
  static <T extends TFloating> Operand<T> productTransposed(
      Ops tf, Class<T> type, Operand<T> a, Operand<T> b) {
    return tf.train.batchMatMul(a, b, type, BatchMatMul.adjY(true));
  }

  /** {@code a^T b} over the last two axes. */
  static <T extends TFloating> Operand<T> transposedProduct(
      Ops tf, Class<T> type, Operand<T> a, Operand<T> b) {
    return tf.train.batchMatMul(a, b, type, BatchMatMul.adjX(true));
  }
}
