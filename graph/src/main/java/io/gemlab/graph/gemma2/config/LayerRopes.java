package io.gemlab.graph.gemma2.config;

import io.gemlab.ops.position.Rope;

/**
 * The rotary embedding of each type of layer: Gemma 2 has the same for both, Gemma 3 turns the
 * global layers, which see far, more slowly.
 *
 * @param sliding of sliding layers; their positions are never scaled
 * @param full of global layers
 */
public record LayerRopes(Rope sliding, Rope full) {
  /**
   * @throws IllegalArgumentException if the sliding layers' positions are scaled
   */
  public LayerRopes {
    if (sliding.factor() != 1) {
      throw new IllegalArgumentException(
          "the rotary embedding of sliding layers is scaled by "
              + sliding.factor()
              + "; only that of global layers can be");
    }
  }

  /** One for all layers. */
  static LayerRopes same(Rope rope) {
    return new LayerRopes(rope, rope);
  }

  /** That of a type of layer. */
  public Rope of(LayerType type) {
    return switch (type) {
      case SLIDING_ATTENTION -> sliding;
      case FULL_ATTENTION -> full;
    };
  }

  boolean areTheSame() {
    return sliding.equals(full);
  }
}
