package io.gemlab.ops.attention;

import io.gemlab.ops.choice.Support;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import io.gemlab.ops.kernel.RowAttention;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * An attention that leaves one query a row to {@link RowAttention}'s kernel where there is one, and
 * everything else to {@code attention}. For sessions on a CPU: XLA doesn't know the kernel.
 *
 * @param attention whose name it has, and what it refuses
 */
public record RowKernelAttention(Attention attention) implements Attention {
  @Override
  public String label() {
    return attention.label();
  }

  @Override
  public Support supports(AttentionSpec spec) {
    return attention.supports(spec);
  }

  @Override
  public <T extends TFloating> Operand<T> attend(
      Ops tf,
      AttentionSpec spec,
      AttentionMask mask,
      Operand<T> q_BTNH,
      Operand<T> k_BSKH,
      Operand<T> v_BSKH) {
    if (!RowAttention.pays(q_BTNH)) return attention.attend(tf, spec, mask, q_BTNH, k_BSKH, v_BSKH);
    if (supports(spec) instanceof Support.Unsupported refusal) {
      throw new UnsupportedChoiceException(label() + " attention", refusal);
    }
    return RowAttention.attend(
        tf,
        q_BTNH,
        Heads.keysFirst(tf, k_BSKH),
        Heads.keysFirst(tf, v_BSKH),
        mask.queryPositions_BT(),
        mask.keyPositions_BS(),
        spec.scale(),
        spec.softcap().cap(),
        spec.window());
  }
}
