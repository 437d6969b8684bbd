package io.gemlab.ops.attention;

import io.gemlab.ops.RowKernel;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.family.TFloating;

/**
 * Marks attention that {@link RowKernel#ATTENTION} may compute: of one query a row, in bfloat16.
 */
final class OneQuery {
  private OneQuery() {}

  static <T extends TFloating> Operand<T> mark(
      Ops tf,
      Operand<T> attended_BTNH,
      AttentionSpec spec,
      AttentionMask mask,
      Operand<T> q_BTNH,
      Operand<T> k_BSKH,
      Operand<T> v_BSKH) {
    if (q_BTNH.type() != TBfloat16.class || q_BTNH.shape().get(1) != 1) return attended_BTNH;
    float[] scaleCapWindow = {
      (float) spec.scale(),
      (float) spec.softcap().cap().orElse(Double.POSITIVE_INFINITY),
      spec.window().isPresent() ? spec.window().getAsInt() : Float.POSITIVE_INFINITY
    };
    return RowKernel.ATTENTION.mark(
        tf,
        attended_BTNH,
        q_BTNH,
        Heads.keysFirst(tf, k_BSKH),
        Heads.keysFirst(tf, v_BSKH),
        mask.queryPositions_BT(),
        mask.keyPositions_BS(),
        tf.constant(scaleCapWindow));
  }
}
