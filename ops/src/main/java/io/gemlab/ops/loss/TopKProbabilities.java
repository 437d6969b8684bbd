package io.gemlab.ops.loss;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.Softcap;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A distribution over the vocabulary cut to its K likeliest tokens, and the mass of all others as
 * one number.
 *
 * @param ids_MK int32 [M, K], no token twice in a row
 * @param logP_MK float32 [M, K], in nats
 * @param rest_M float32 [M], the probability of all tokens that are not in {@code ids_MK}, in [0,
 *     1); 0 where K is the vocabulary
 */
public record TopKProbabilities(
    Operand<TInt32> ids_MK, Operand<TFloat32> logP_MK, Operand<TFloat32> rest_M) {
  /** In the place of a logit that is left out of a sum of exponentials: its share is 0. */
  private static final float LEFT_OUT = -1e30f;

  /**
   * The K likeliest of each row, the likeliest first, those alike by their ids.
   *
   * <p>Precision: float32 inside; the rest is a sum of its own and not 1 less the others, which
   * would lose what is below 1e-7.
   *
   * @param logits_MV raw scores, [M, V], any floating-point type
   * @param softcap the cap on final logits
   * @param temperature of capped logits
   * @param k K, from 1 to V
   */
  public static TopKProbabilities of(
      Ops tf,
      Operand<? extends TFloating> logits_MV,
      Softcap softcap,
      Temperature temperature,
      int k) {
    Operand<TFloat32> capped_MV = softcap.apply(tf, Scalars.toFloat32(tf, logits_MV));
    Operand<TFloat32> z_MV = temperature.divide(tf, capped_MV);
    Operand<TFloat32> logSumExp_M1 = LogSumExp.apply(tf, z_MV, Softcap.none());
    TopK<TFloat32, TInt32> top = tf.nn.topK(z_MV, tf.constant(k), TInt32.class);
    Operand<TFloat32> logSumRest_M1 = logSumOfOthers(tf, z_MV, places(tf, top.indices()));
    return new TopKProbabilities(
        top.indices(),
        tf.math.sub(top.values(), logSumExp_M1),
        flat(tf, tf.math.exp(tf.math.sub(logSumRest_M1, logSumExp_M1))));
  }

  /**
   * {@code log(sum(exp(z)))} over the tokens that are not among K; far below any logit where there
   * are none.
   *
   * @param places_MK2 of the K, as {@link #places} gives them
   * @return [M, 1]
   */
  static Operand<TFloat32> logSumOfOthers(
      Ops tf, Operand<TFloat32> z_MV, Operand<TInt32> places_MK2) {
    long[] shape = places_MK2.shape().asArray();
    Operand<TFloat32> nothing_MK =
        tf.fill(tf.constant(new long[] {shape[0], shape[1]}), tf.constant(LEFT_OUT));
    return LogSumExp.apply(
        tf, tf.tensorScatterNdUpdate(z_MV, places_MK2, nothing_MK), Softcap.none());
  }

  /** Row and column of each of K tokens in a matrix over the vocabulary, int32 [M, K, 2]. */
  static Operand<TInt32> places(Ops tf, Operand<TInt32> ids_MK) {
    long[] shape = ids_MK.shape().asArray();
    Operand<TInt32> rows_M =
        tf.range(tf.constant(0), tf.constant(Math.toIntExact(shape[0])), tf.constant(1));
    Operand<TInt32> rows_MK =
        tf.broadcastTo(tf.expandDims(rows_M, tf.constant(1)), tf.constant(shape));
    return tf.stack(List.of(rows_MK, ids_MK), Stack.axis(2L));
  }

  /** [M, 1] as [M]. */
  static Operand<TFloat32> flat(Ops tf, Operand<TFloat32> x_M1) {
    return tf.reshape(x_M1, tf.constant(new int[] {-1}));
  }
}
