package io.gemlab.ops.attention;

import java.util.OptionalInt;

/**
 * What an attention has to compute, apart from its operands.
 *
 * @param heads N, query heads
 * @param kvHeads K, key-value heads; divides N
 * @param headDim H
 * @param scale what scores are multiplied by; {@code query_pre_attn_scalar^-0.5} in Gemma 2
 * @param softcap the cap on scaled scores
 * @param window how many positions a query sees, its own counted; empty for all before it
 */
public record AttentionSpec(
    int heads, int kvHeads, int headDim, double scale, Softcap softcap, OptionalInt window) {
  public AttentionSpec {
    if (heads <= 0 || kvHeads <= 0 || heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          heads
              + " attention heads over "
              + kvHeads
              + " key-value heads;"
              + " num_attention_heads must be a multiple of num_key_value_heads");
    }
    if (headDim <= 0) {
      throw new IllegalArgumentException("head_dim is " + headDim + "; give a number above 0");
    }
    if (!(scale > 0) || Double.isInfinite(scale)) {
      throw new IllegalArgumentException(
          "the score scale is " + scale + "; query_pre_attn_scalar must be finite and above 0");
    }
    if (window.isPresent() && window.getAsInt() <= 0) {
      throw new IllegalArgumentException(
          "sliding_window is " + window.getAsInt() + "; give a number above 0");
    }
  }

  /** G, the query heads that share a key-value head. */
  public int groups() {
    return heads / kvHeads;
  }

  /** This spec with another window. */
  AttentionSpec within(OptionalInt other) {
    return new AttentionSpec(heads, kvHeads, headDim, scale, softcap, other);
  }

  /** This spec without a cap. */
  public AttentionSpec withoutSoftcap() {
    return new AttentionSpec(heads, kvHeads, headDim, scale, Softcap.none(), window);
  }
}
