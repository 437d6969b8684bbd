package io.gemlab.ops.loss;

import io.gemlab.ops.Kernel;
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
 * Cross-entropy of the next token, from raw logits and with their cap inside.
 *
 * <p>{@code loss = log(sum(exp(z))) - z[label]} with {@code z = cap(logits)}. Its own gradient,
 * {@code (softmax(z) - [v = label]) cap'(z)}, is computed from the logits in one sweep; the one-hot
 * is a comparison inside that sweep and never a matrix.
 *
 * <p>With smoothed labels the distribution that is learnt is {@code (1 - e) [v = label] + e / V}
 * (Szegedy et al., arXiv:1512.00567), as in PyTorch's {@code label_smoothing}: {@code loss =
 * log(sum(exp(z))) - (1 - e) z[label] - e mean(z)}.
 *
 * <p>Precision: float32 inside; the gradient is cast to the logits' type.
 */
public final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * The loss of each position.
   *
   * @param logits_MV raw scores, [M, V], any floating-point type
   * @param labels_M [M], each in [0, V), or below 0 for a position not to be scored
   * @param softcap the cap on final logits
   * @return [M], in nats; 0 where not scored
   */
  public static <T extends TFloating> Operand<TFloat32> apply(
      Ops tf, Operand<T> logits_MV, Operand<TInt32> labels_M, Softcap softcap) {
    return apply(tf, logits_MV, labels_M, softcap, 0);
  }

  /**
   * The loss of each position against smoothed labels.
   *
   * @param smoothing e, the share that all tokens have in common: from 0, which is the loss above,
   *     to below 1
   */
  public static <T extends TFloating> Operand<TFloat32> apply(
      Ops tf, Operand<T> logits_MV, Operand<TInt32> labels_M, Softcap softcap, double smoothing) {
    Class<T> type = logits_MV.type();
    long vocabulary = logits_MV.shape().get(1);
    Operand<TFloat32> logSumExp_M1 = LogSumExp.apply(tf, logits_MV, softcap);
    if (Kernel.takes(type)) {
      Operand<TFloat32> numbers = tf.constant(new float[] {capOf(softcap)});
      Kernel.LOG_SUM_EXP.mark(tf, logSumExp_M1, logits_MV, numbers);
    }
    Operand<TInt32> scored_M = tf.math.maximum(labels_M, tf.constant(0));
    Operand<T> raw_M = tf.gather(logits_MV, scored_M, tf.constant(1), Gather.batchDims(1L));
    Operand<TFloat32> hit_M = softcap.apply(tf, Scalars.toFloat32(tf, raw_M));
    Operand<TFloat32> expected_M =
        smoothing == 0 ? hit_M : smoothed(tf, logits_MV, hit_M, softcap, smoothing);
    Operand<TFloat32> all_M =
        tf.math.sub(tf.reshape(logSumExp_M1, tf.constant(new int[] {-1})), expected_M);
    Operand<TFloat32> loss_M = tf.select(isScored(tf, labels_M), all_M, tf.constant(0f));
    return CustomGradient.attach(
        tf,
        loss_M,
        new CustomGradient.Inputs(List.of(logits_MV), List.of(labels_M, logSumExp_M1)),
        (backward, dy, inputs) ->
            List.of(
                backward(
                    backward,
                    type,
                    dy.asOutput().expect(TFloat32.class),
                    inputs.get(0).asOutput().expect(type),
                    inputs.get(1).asOutput().expect(TInt32.class),
                    inputs.get(2).asOutput().expect(TFloat32.class),
                    softcap,
                    smoothing,
                    vocabulary)));
  }

  /** {@code z} as the smoothed labels expect it. */
  private static <T extends TFloating> Operand<TFloat32> smoothed(
      Ops tf, Operand<T> logits_MV, Operand<TFloat32> hit_M, Softcap softcap, double smoothing) {
    Operand<TFloat32> z_MV = softcap.apply(tf, Scalars.toFloat32(tf, logits_MV));
    return tf.math.add(
        tf.math.mul(hit_M, tf.constant((float) (1 - smoothing))),
        tf.math.mul(tf.math.mean(z_MV, tf.constant(-1)), tf.constant((float) smoothing)));
  }

  private static Operand<TBool> isScored(Ops tf, Operand<TInt32> labels_M) {
    return tf.math.greaterEqual(labels_M, tf.constant(0));
  }

  private static <T extends TFloating> Operand<T> backward(
      Ops tf,
      Class<T> type,
      Operand<TFloat32> dy_M,
      Operand<T> logits_MV,
      Operand<TInt32> labels_M,
      Operand<TFloat32> logSumExp_M1,
      Softcap softcap,
      double smoothing,
      long vocabulary) {
    Operand<TFloat32> z_MV = softcap.apply(tf, Scalars.toFloat32(tf, logits_MV));
    Operand<TFloat32> probabilities_MV = tf.math.exp(tf.math.sub(z_MV, logSumExp_M1));
    Operand<TInt32> tokens_V =
        tf.range(tf.constant(0), tf.constant(Math.toIntExact(vocabulary)), tf.constant(1));
    Operand<TFloat32> hit_MV =
        Scalars.ones(tf, tf.math.equal(tf.expandDims(labels_M, tf.constant(-1)), tokens_V));
    Operand<TFloat32> labels_MV =
        smoothing == 0
            ? hit_MV
            : tf.math.add(
                tf.math.mul(hit_MV, tf.constant((float) (1 - smoothing))),
                tf.constant((float) (smoothing / vocabulary)));
    Operand<TFloat32> dLoss_M = tf.select(isScored(tf, labels_M), dy_M, tf.constant(0f));
    Operand<TFloat32> dZ_MV =
        tf.math.mul(
            tf.math.sub(probabilities_MV, labels_MV), tf.expandDims(dLoss_M, tf.constant(-1)));
    Operand<T> dLogits_MV = Scalars.cast(tf, softcap.backward(tf, z_MV, dZ_MV), type);
    if (!Kernel.takes(type)) return dLogits_MV;
    float[] numbers = {capOf(softcap), (float) (1 - smoothing), (float) (smoothing / vocabulary)};
    return Kernel.CROSS_ENTROPY_GRADIENT.mark(
        tf, dLogits_MV, logits_MV, labels_M, logSumExp_M1, dy_M, tf.constant(numbers));
  }

  /** As kernels are told: infinite for none. */
  private static float capOf(Softcap softcap) {
    return (float) softcap.cap().orElse(Double.POSITIVE_INFINITY);
  }
}
