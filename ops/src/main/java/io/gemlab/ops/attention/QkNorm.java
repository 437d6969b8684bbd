package io.gemlab.ops.attention;

import io.gemlab.ops.norm.RmsNorm;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * Normalises queries and keys head by head before they are rotated: another way than a softcap to
 * keep scores small, and what Gemma 3 has instead.
 *
 * @param qNorm_H weight for queries, [H]
 * @param kNorm_H weight for keys, [H]
 * @param epsilon added to the mean square
 * @see <a href="https://arxiv.org/abs/2010.04245">Query-Key Normalization for Transformers</a>
 */
public record QkNorm(
    Operand<? extends TFloating> qNorm_H, Operand<? extends TFloating> kNorm_H, float epsilon) {

  /** Normalises queries, [B, T, N, H]. */
  public <T extends TFloating> Operand<T> queries(Ops tf, Operand<T> q_BTNH) {
    return RmsNorm.apply(tf, q_BTNH, qNorm_H, epsilon);
  }

  /** Normalises keys, [B, S, K, H]. */
  public <T extends TFloating> Operand<T> keys(Ops tf, Operand<T> k_BSKH) {
    return RmsNorm.apply(tf, k_BSKH, kNorm_H, epsilon);
  }
}
