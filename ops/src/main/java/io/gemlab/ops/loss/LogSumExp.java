package io.gemlab.ops.loss;

import io.gemlab.ops.RowReduction;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.Softcap;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * What a logit is measured against: {@code log(sum(exp(z)))} with {@code z = cap(logits)}, so that
 * {@code z[v]} less of it is the log-probability of {@code v}. Float32 inside; has no gradient of
 * its own.
 */
public final class LogSumExp {
  /**
   * The largest cap under which sums of exponentials need no running maximum: exp(-2 * 40) is still
   * a normal float32.
   */
  private static final double BOUNDED = 40;

  private LogSumExp() {}

  /**
   * Of each row of logits.
   *
   * @param logits_MV raw scores, [M, V], any floating-point type
   * @param softcap the cap on final logits
   * @return [M, 1]
   */
  public static <T extends TFloating> Operand<TFloat32> apply(
      Ops tf, Operand<T> logits_MV, Softcap softcap) {
    return apply(tf, logits_MV, softcap, RowReduction.PLAIN);
  }

  /** The same, with a say in how rows are reduced. */
  public static <T extends TFloating> Operand<TFloat32> apply(
      Ops tf, Operand<T> logits_MV, Softcap softcap, RowReduction reduction) {
    Operand<TFloat32> z_MV = softcap.apply(tf, Scalars.toFloat32(tf, logits_MV));
    boolean bounded = softcap.cap().isPresent() && softcap.cap().getAsDouble() <= BOUNDED;
    Operand<TFloat32> largest =
        bounded ? tf.constant((float) softcap.cap().getAsDouble()) : reduction.max(tf, z_MV);
    Operand<TFloat32> sum_M1 = reduction.sum(tf, tf.math.exp(tf.math.sub(z_MV, largest)));
    return tf.math.add(tf.math.log(sum_M1), largest);
  }
}
