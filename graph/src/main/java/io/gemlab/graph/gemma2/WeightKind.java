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
  MLP
}
