package io.gemlab.ops.attention;

import io.gemlab.ops.RowKernel;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Marks attention that one kernel may compute as a whole: {@link RowKernel#ATTENTION} that of one
 * query a row in bfloat16, {@link RowKernel#TILED_ATTENTION} any other over many keys.
 */
final class WholeAttention {
  private WholeAttention() {}

  static <T extends TFloating> Operand<T> mark(
      Ops tf,
      Operand<T> attended_BTNH,
      AttentionSpec spec,
      AttentionMask mask,
      Operand<T> q_BTNH,
      Operand<T> k_BSKH,
      Operand<T> v_BSKH) {
    boolean narrow = q_BTNH.type() == TBfloat16.class;
    boolean one = narrow && q_BTNH.shape().get(1) == 1;
    boolean tiled =
        (narrow || q_BTNH.type() == TFloat32.class)
            && k_BSKH.shape().get(1) >= ScoreWeights.FEWEST_KEYS;
    if (mask.ends_BS().isPresent() || !one && !tiled) return attended_BTNH;
    RowKernel kernel = one ? RowKernel.ATTENTION : RowKernel.TILED_ATTENTION;
    return kernel.mark(
        tf,
        attended_BTNH,
        q_BTNH,
        Heads.keysFirst(tf, k_BSKH),
        Heads.keysFirst(tf, v_BSKH),
        mask.queryPositions_BT(),
        mask.keyPositions_BS(),
        tf.constant(ScoreWeights.numbers(spec, mask, true)));
  }
}
