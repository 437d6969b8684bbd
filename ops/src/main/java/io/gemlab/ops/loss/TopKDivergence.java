package io.gemlab.ops.loss;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.gradient.CustomGradient;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * KL(teacher || student) of a teacher of whom the K likeliest tokens are known and the mass r of
 * all others, from the student's raw logits and with their cap inside.
 *
 * <p>All others are one class: {@code sum_k p_k (log p_k - log q_k) + r (log r - log q_rest)}, with
 * {@code q_rest} the student's own mass on them. It is 0 where the student agrees on the K + 1
 * classes, and less than the divergence of the whole distributions by {@code r KL(teacher's rest ||
 * student's rest)}, the rests scaled to sum to 1: the student's shares among the others are left to
 * it. Where K is the vocabulary nothing is left out.
 *
 * <p>Its gradient is {@code q_v - p_v} for the K and {@code q_v (1 - r / q_rest)} for the others,
 * times the cap's slope, over the temperature; it needs the K probabilities and r to sum to 1.
 *
 * <p>Precision: float32 inside; the gradient is cast to the logits' type.
 *
 * @param temperature of the student's capped logits; the teacher's were divided by it
 */
public record TopKDivergence(Temperature temperature) {
  /** What the logarithm of no mass at all is taken of. */
  private static final float LEAST = 1e-37f;

  /**
   * The divergence at each position.
   *
   * @param logits_MV the student's raw scores, [M, V], any floating-point type
   * @param softcap the cap on the student's final logits
   * @param teacher of the same temperature; no gradient flows to it
   * @return [M], in nats
   */
  public <T extends TFloating> Operand<TFloat32> apply(
      Ops tf, Operand<T> logits_MV, Softcap softcap, TopKProbabilities teacher) {
    Class<T> type = logits_MV.type();
    Operand<TFloat32> z_MV =
        temperature.divide(tf, softcap.apply(tf, Scalars.toFloat32(tf, logits_MV)));
    Operand<TInt32> places_MK2 = TopKProbabilities.places(tf, teacher.ids_MK());
    Operand<TFloat32> logSum_M1 = LogSumExp.apply(tf, z_MV, Softcap.none());
    Operand<TFloat32> logSumRest_M1 = TopKProbabilities.logSumOfOthers(tf, z_MV, places_MK2);
    Operand<TFloat32> z_MK =
        tf.gather(z_MV, teacher.ids_MK(), tf.constant(1), Gather.batchDims(1L));
    Operand<TFloat32> top_M =
        KlDivergence.apply(tf, teacher.logP_MK(), tf.math.sub(z_MK, logSum_M1));
    Operand<TFloat32> logRest_M = TopKProbabilities.flat(tf, tf.math.sub(logSumRest_M1, logSum_M1));
    Operand<TFloat32> loss_M = tf.math.add(top_M, ofRest(tf, teacher.rest_M(), logRest_M));
    return CustomGradient.attach(
        tf,
        loss_M,
        new CustomGradient.Inputs(
            List.of(logits_MV),
            List.of(teacher.logP_MK(), teacher.rest_M(), places_MK2, logSum_M1, logSumRest_M1)),
        (backward, dy, inputs) ->
            List.of(
                backward(
                    backward,
                    dy.asOutput().expect(TFloat32.class),
                    softcap,
                    new Saved<>(
                        inputs.get(0).asOutput().expect(type),
                        inputs.get(1).asOutput().expect(TFloat32.class),
                        inputs.get(2).asOutput().expect(TFloat32.class),
                        inputs.get(3).asOutput().expect(TInt32.class),
                        inputs.get(4).asOutput().expect(TFloat32.class),
                        inputs.get(5).asOutput().expect(TFloat32.class)),
                    type)));
  }

  /** {@code r (log r - log q_rest)}; 0 where nothing is left. */
  private static Operand<TFloat32> ofRest(
      Ops tf, Operand<TFloat32> rest_M, Operand<TFloat32> logRest_M) {
    Operand<TFloat32> logR_M = tf.math.log(tf.math.maximum(rest_M, tf.constant(LEAST)));
    return tf.select(
        isLeft(tf, rest_M), tf.math.mul(rest_M, tf.math.sub(logR_M, logRest_M)), tf.constant(0f));
  }

  private static Operand<TBool> isLeft(Ops tf, Operand<TFloat32> rest) {
    return tf.math.greater(rest, tf.constant(0f));
  }

  /** What the way back reads. */
  private record Saved<T extends TFloating>(
      Operand<T> logits_MV,
      Operand<TFloat32> logP_MK,
      Operand<TFloat32> rest_M,
      Operand<TInt32> places_MK2,
      Operand<TFloat32> logSum_M1,
      Operand<TFloat32> logSumRest_M1) {}

  private <T extends TFloating> Operand<T> backward(
      Ops tf, Operand<TFloat32> dy_M, Softcap softcap, Saved<T> saved, Class<T> type) {
    Operand<TFloat32> capped_MV = softcap.apply(tf, Scalars.toFloat32(tf, saved.logits_MV()));
    Operand<TFloat32> z_MV = temperature.divide(tf, capped_MV);
    Operand<TFloat32> q_MV = tf.math.exp(tf.math.sub(z_MV, saved.logSum_M1()));
    Operand<TFloat32> rest_M1 = tf.expandDims(saved.rest_M(), tf.constant(-1));
    Operand<TFloat32> share_MV = tf.math.exp(tf.math.sub(z_MV, saved.logSumRest_M1()));
    // Without a rest the shares are infinite; they are nobody's.
    Operand<TFloat32> others_MV =
        tf.select(isLeft(tf, rest_M1), tf.math.sub(q_MV, tf.math.mul(rest_M1, share_MV)), q_MV);
    Operand<TFloat32> q_MK = tf.gatherNd(q_MV, saved.places_MK2());
    Operand<TFloat32> dZ_MV =
        tf.tensorScatterNdUpdate(
            others_MV, saved.places_MK2(), tf.math.sub(q_MK, tf.math.exp(saved.logP_MK())));
    Operand<TFloat32> scaled_M = temperature.divide(tf, dy_M);
    Operand<TFloat32> dCapped_MV = tf.math.mul(dZ_MV, tf.expandDims(scaled_M, tf.constant(-1)));
    return Scalars.cast(tf, softcap.backward(tf, capped_MV, dCapped_MV), type);
  }
}
