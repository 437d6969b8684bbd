package io.gemlab.ops.attention;

import io.gemlab.ops.choice.Support;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
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
    Operand<T> probabilities_BKQS =
        ScoreWeights.softmax(tf, spec, mask, rawScores(tf, spec, q_BTNH, k_BSKH));
    return WholeAttention.mark(
        tf, weightedSum(tf, spec, probabilities_BKQS, v_BSKH), spec, mask, q_BTNH, k_BSKH, v_BSKH);
  }

  /** {@code q k^T}, [B, K, G * T, S]. */
  static <T extends TFloating> Operand<T> rawScores(
      Ops tf, AttentionSpec spec, Operand<T> q_BTNH, Operand<T> k_BSKH) {
    return Heads.productTransposed(
        tf, q_BTNH.type(), Heads.groupQueries(tf, q_BTNH, spec), Heads.keysFirst(tf, k_BSKH));
  }

  /** Values summed by weights [B, K, G * T, S]; [B, T, N, H]. */
  static <T extends TFloating> Operand<T> weightedSum(
      Ops tf, AttentionSpec spec, Operand<T> weights_BKQS, Operand<T> v_BSKH) {
    Operand<T> summed_BKQH =
        Heads.product(tf, v_BSKH.type(), weights_BKQS, Heads.keysFirst(tf, v_BSKH));
    return Heads.ungroupQueries(tf, summed_BKQH, spec);
  }
}
