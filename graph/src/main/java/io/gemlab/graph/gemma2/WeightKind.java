package io.gemlab.graph.gemma2;

/** What a weight does in the model. */
public enum WeightKind {
  /** The table of tokens, which is the head too. */
  EMBEDDING,
  /** A norm's, the last one's among them. */
  NORM,
  /** A projection to or from the heads. */
  ATTENTION,
  /** A projection of the feedforward block. */
  MLP,
  /** The first factor of an adapter, from a projection's input. */
  LORA_A,
  /** The second factor, to its output. */
  LORA_B;

  /** Whether it is trained beside the model's own weights and stored apart from them. */
  public boolean isAdapter() {
    return this == LORA_A || this == LORA_B;
  }
}
