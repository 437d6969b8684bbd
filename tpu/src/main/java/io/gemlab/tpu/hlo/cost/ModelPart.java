package io.gemlab.tpu.hlo.cost;

import java.util.Locale;
import java.util.Optional;

/** A part of the model that an instruction works for, forward or backward. */
public enum ModelPart {
  EMBEDDING,
  /** Projections, rotary embedding, and the attention itself. */
  ATTENTION,
  MLP,
  NORM,
  /** The head, its cap and the loss. */
  LOGITS,
  OPTIMIZER,
  /** Residual additions, and what no part can be told for. */
  OTHER;

  /** The name in reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The part that an op's path names, such as {@code model/layers.3/self_attn/q_proj/MatMul}; empty
   * where none of its elements does. Gradients of our own carry the path of what they belong to.
   */
  static Optional<ModelPart> of(String path) {
    ModelPart found = null;
    for (String element : path.split("/")) {
      ModelPart part = ofElement(element);
      if (part == OPTIMIZER || part == NORM) return Optional.of(part); // a norm may be in attention
      if (found == null || found == OTHER) found = part == null ? found : part;
    }
    return Optional.ofNullable(found);
  }

  private static ModelPart ofElement(String element) {
    return switch (element) {
      case "embed_tokens" -> EMBEDDING;
      case "self_attn", "rotary_emb" -> ATTENTION;
      case "mlp" -> MLP;
      case "norm", "q_norm", "k_norm" -> NORM;
      case "lm_head", "final_logit_softcapping", "loss" -> LOGITS;
      case "optimizer" -> OPTIMIZER;
      default -> {
        if (element.endsWith("_layernorm")) yield NORM;
        yield element.startsWith("layers.") ? OTHER : null;
      }
    };
  }
}
