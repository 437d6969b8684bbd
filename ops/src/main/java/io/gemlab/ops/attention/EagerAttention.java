package io.gemlab.ops.attention;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.choice.Support;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The reference: scores, scale, cap, mask, float32 softmax, weighted sum, each a whole matrix.
 * Memory grows with T * S.
 *
 * <p>Precision: products in the operands' type; scale, cap, mask and softmax in float32; the
 * probabilities are cast back before the weighted sum, as Hugging Face's {@code
 * eager_attention_forward} does.
 */
public record EagerAttention() implements Attention {
  /** What a hidden score becomes: finite, so that a row without any key stays finite too. */
  static final float HIDDEN = -2.3819763e38f;

  @Override
  public String label() {
    return "eager";
  }

  @Override
  public Support supports(AttentionSpec spec) {
    return Support.yes();
  }

  @Override
  public <T extends TFloating> Operand<T> attend(
      Ops tf,
      AttentionSpec spec,
      AttentionMask mask,
      Operand<T> q_BTNH,
      Operand<T> k_BSKH,
      Operand<T> v_BSKH) {
    Operand<TFloat32> scores_BKGTS = maskedScores(tf, spec, mask, q_BTNH, k_BSKH);
    Operand<T> probabilities_BKGTS = Scalars.cast(tf, tf.nn.softmax(scores_BKGTS), q_BTNH.type());
    return OneQuery.mark(
        tf, weightedSum(tf, spec, probabilities_BKGTS, v_BSKH), spec, mask, q_BTNH, k_BSKH, v_BSKH);
  }

  /** Scaled, capped and masked scores, [B, K, G, T, S] in float32. */
  static <T extends TFloating> Operand<TFloat32> maskedScores(
      Ops tf, AttentionSpec spec, AttentionMask mask, Operand<T> q_BTNH, Operand<T> k_BSKH) {
    long batch = q_BTNH.shape().get(0);
    long queries = q_BTNH.shape().get(1);
    long keys = k_BSKH.shape().get(1);
    Operand<T> raw_BKQS =
        Heads.productTransposed(
            tf, q_BTNH.type(), Heads.groupQueries(tf, q_BTNH, spec), Heads.keysFirst(tf, k_BSKH));
    Operand<TFloat32> scaled_BKQS =
        tf.math.mul(Scalars.toFloat32(tf, raw_BKQS), tf.constant((float) spec.scale()));
    Operand<TFloat32> capped_BKGTS =
        Heads.reshape(
            tf,
            spec.softcap().apply(tf, scaled_BKQS),
            batch,
            spec.kvHeads(),
            spec.groups(),
            queries,
            keys);
    Operand<TBool> visible_B11TS =
        Heads.reshape(tf, mask.visible(tf, spec.window()), batch, 1, 1, queries, keys);
    return tf.select(visible_B11TS, capped_BKGTS, tf.constant(HIDDEN));
  }

  /** Values summed by weights [B, K, G, T, S]; [B, T, N, H]. */
  static <T extends TFloating> Operand<T> weightedSum(
      Ops tf, AttentionSpec spec, Operand<T> weights_BKGTS, Operand<T> v_BSKH) {
    long batch = weights_BKGTS.shape().get(0);
    long queries = weights_BKGTS.shape().get(3);
    long keys = weights_BKGTS.shape().get(4);
    Operand<T> weights_BKQS =
        Heads.reshape(tf, weights_BKGTS, batch, spec.kvHeads(), spec.groups() * queries, keys);
    Operand<T> summed_BKQH =
        Heads.product(tf, v_BSKH.type(), weights_BKQS, Heads.keysFirst(tf, v_BSKH));
    return Heads.ungroupQueries(tf, summed_BKQH, spec);
  }
}
