package io.gemlab.graph.gemma2;

import io.gemlab.ops.attention.AttentionMask;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * Where a layer's queries find keys and values: in the rows at hand, or in a cache of earlier ones.
 * The layer is the same for both.
 */
public interface KeyValues {
  /**
   * What a layer attends to.
   *
   * @param k_BSKH keys, rotated, [B, S, K, H]
   * @param v_BSKH values, same shape and type
   * @param mask who sees whom among the queries at hand and these keys
   */
  record Found<T extends TFloating>(Operand<T> k_BSKH, Operand<T> v_BSKH, AttentionMask mask) {}

  /**
   * What layer {@code layer} attends to, when {@code k_BTKH} and {@code v_BTKH} have just been
   * computed of the rows at hand.
   *
   * @param k_BTKH keys, rotated, [B, T, K, H]
   * @param v_BTKH values, same shape and type
   */
  <T extends TFloating> Found<T> find(Ops tf, int layer, Operand<T> k_BTKH, Operand<T> v_BTKH);

  /**
   * The rows at hand alone: self-attention over whole rows.
   *
   * @param mask who sees whom in them
   */
  static KeyValues ofRows(AttentionMask mask) {
    return new KeyValues() {
      @Override
      public <T extends TFloating> Found<T> find(
          Ops tf, int layer, Operand<T> k_BTKH, Operand<T> v_BTKH) {
        return new Found<>(k_BTKH, v_BTKH, mask);
      }
    };
  }
}
