package io.gemlab.ops.attention;

import io.gemlab.ops.choice.Support;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * An implementation of attention: {@code softmax(mask(cap(scale * q k^T))) v}.
 *
 * <p>Implementations differ in what they keep in memory and in the order of float operations, never
 * in the function they compute. One that can't compute it says so in {@link #supports}.
 */
public sealed interface Attention permits EagerAttention, SdpaAttention, BlockwiseAttention {

  /** The name on the command line and in reports. */
  String label();

  /** Whether this implementation can compute {@code spec}. */
  Support supports(AttentionSpec spec);

  /**
   * Attends.
   *
   * <p>A query that sees no key (padding) gets a finite value without meaning.
   *
   * @param q_BTNH queries, rotated
   * @param k_BSKH keys, rotated, same type
   * @param v_BSKH values, same type
   * @return [B, T, N, H], same type
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if {@link #supports} says no
   */
  <T extends TFloating> Operand<T> attend(
      Ops tf,
      AttentionSpec spec,
      AttentionMask mask,
      Operand<T> q_BTNH,
      Operand<T> k_BSKH,
      Operand<T> v_BSKH);
}
