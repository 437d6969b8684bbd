package io.gemlab.ops.attention;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.choice.Support;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * What fused library kernels compute (scaled dot-product attention): no cap, exponentials summed
 * with the values first and divided by their sum last. Memory grows with T * S.
 *
 * <p>Asked with a cap it refuses, as those kernels cannot apply one.
 *
 * <p>Precision: products in the operands' type, everything between in float32.
 */
public record SdpaAttention() implements Attention {
  @Override
  public String label() {
    return "sdpa";
  }

  @Override
  public Support supports(AttentionSpec spec) {
    return switch (spec.softcap()) {
      case Softcap.None none -> Support.yes();
      case Softcap.Tanh cap ->
          Support.no(
              "fused scaled dot-product kernels cannot apply the attention softcap of "
                  + cap.value(),
              "choose eager or blockwise attention, or a model without the cap");
    };
  }

  @Override
  public <T extends TFloating> Operand<T> attend(
      Ops tf,
      AttentionSpec spec,
      AttentionMask mask,
      Operand<T> q_BTNH,
      Operand<T> k_BSKH,
      Operand<T> v_BSKH) {
    if (supports(spec) instanceof Support.Unsupported refusal) {
      throw new UnsupportedChoiceException("sdpa attention", refusal);
    }
    ScoreWeights<T> weights =
        ScoreWeights.exponentials(
            tf, spec, mask, EagerAttention.rawScores(tf, spec, q_BTNH, k_BSKH));
    Operand<T> summed_BTNH = EagerAttention.weightedSum(tf, spec, weights.weights_BKQS(), v_BSKH);
    Operand<TFloat32> total_BTN1 = rows(tf, spec, weights.total_BKGT1());
    Operand<T> attended_BTNH =
        Scalars.cast(
            tf, tf.math.div(Scalars.toFloat32(tf, summed_BTNH), total_BTN1), q_BTNH.type());
    return WholeAttention.mark(tf, attended_BTNH, spec, mask, q_BTNH, k_BSKH, v_BSKH);
  }

  /** A number a query row, [B, K, G, T, 1] to [B, T, N, 1]. */
  private static Operand<TFloat32> rows(Ops tf, AttentionSpec spec, Operand<TFloat32> rows_BKGT1) {
    long batch = rows_BKGT1.shape().get(0);
    long queries = rows_BKGT1.shape().get(3);
    return Heads.reshape(
        tf, Heads.transpose(tf, rows_BKGT1, 0, 3, 1, 2, 4), batch, queries, spec.heads(), 1);
  }
}
