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
    return ScoreMatrix.attend(
        tf, spec, mask, ScoreMatrix.Division.OF_WEIGHTS, q_BTNH, k_BSKH, v_BSKH);
  }
}
