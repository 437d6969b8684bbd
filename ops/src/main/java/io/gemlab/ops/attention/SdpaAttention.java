package io.gemlab.ops.attention;

import io.gemlab.ops.choice.Support;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
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
    return ScoreMatrix.attend(
        tf, spec, mask, ScoreMatrix.Division.OF_VALUES, q_BTNH, k_BSKH, v_BSKH);
  }
}
