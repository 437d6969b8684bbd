package io.gemlab.graph.base.checkpoint;

import java.util.Optional;
import java.util.stream.Stream;

/** What Hugging Face's libraries call a language model's tensors, in the spellings that exist. */
final class TensorNames {
  static final String EMBED_TOKENS = "model.embed_tokens.weight";
  static final String LM_HEAD = "lm_head.weight";

  /** What a causal language model calls the model below its head ({@code base_model_prefix}). */
  static final String BASE = "model.";

  /** Computed from the configuration; older versions saved it, newer ones ignore it. */
  private static final String ROTARY_BUFFER = "rotary_emb.inv_freq";

  private TensorNames() {}

  /**
   * A stored name as the causal language model has it: a model that was saved without its head has
   * names without {@code model.}.
   *
   * @return empty for a buffer, which holds no weights
   */
  static Optional<String> canonical(String stored) {
    if (stored.endsWith(ROTARY_BUFFER)) return Optional.empty();
    return Optional.of(isBare(stored) ? BASE + stored : stored);
  }

  /** Whether an index may leave a tensor of its shard out, or list it where the shard has none. */
  static boolean mayBeUnlisted(String stored) {
    return stored.equals(LM_HEAD) || stored.endsWith(ROTARY_BUFFER);
  }

  private static boolean isBare(String name) {
    return Stream.of("embed_tokens.", "layers.", "norm.").anyMatch(name::startsWith);
  }
}
