package io.gemlab.ops.kernel;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Attention of one query a row as an op of ours, for sessions on a CPU: {@code
 * softmax(mask(cap(scale * q k^T))) v} in one reading of the keys and values that the query sees,
 * and of no others.
 *
 * <p>Precision: as Hugging Face's {@code eager_attention_forward} in bfloat16: scores are rounded;
 * scale, cap, mask and softmax are float32; probabilities are rounded, and so is their sum of
 * values.
 *
 * <p>Letters: B batch, N query heads, K key-value heads, S keys, H head_dim.
 */
public final class RowAttention {
  private RowAttention() {}

  /** Whether a kernel pays for queries [B, T, N, H]. */
  public static boolean pays(Operand<? extends TFloating> q_BTNH) {
    return q_BTNH.type() == TBfloat16.class && q_BTNH.shape().get(1) == 1;
  }

  /**
   * Attends. A query that sees no key gets zeros.
   *
   * @param q_B1NH bfloat16
   * @param k_BKSH bfloat16; K divides N
   * @param v_BKSH bfloat16
   * @param queryPositions_B1 below 0 for padding
   * @param keyPositions_BS below 0 for padding
   * @param scale what scores are multiplied by
   * @param cap the limit of {@code cap * tanh(score / cap)}
   * @param window how many positions a query sees, its own counted
   * @return [B, 1, N, H]
   */
  public static <T extends TFloating> Operand<T> attend(
      Ops tf,
      Operand<T> q_B1NH,
      Operand<T> k_BKSH,
      Operand<T> v_BKSH,
      Operand<TInt32> queryPositions_B1,
      Operand<TInt32> keyPositions_BS,
      double scale,
      OptionalDouble cap,
      OptionalInt window) {
    float[] numbers = RowAttentionOp.numbers(scale, cap, window);
    return tf.scope()
        .opBuilder(RowAttentionOp.TYPE, "RowAttention")
        .addInput(q_B1NH.asOutput())
        .addInput(k_BKSH.asOutput())
        .addInput(v_BKSH.asOutput())
        .addInput(queryPositions_B1.asOutput())
        .addInput(keyPositions_BS.asOutput())
        .addInput(tf.constant(numbers).asOutput())
        .build()
        .output(0)
        .expect(q_B1NH.type());
  }
}
