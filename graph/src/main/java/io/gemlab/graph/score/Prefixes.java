package io.gemlab.graph.score;

/** What requests begin with alike. */
public enum Prefixes {
  /** Goes through the model once a row. */
  SHARED,
  /** Goes through the model with each request, for comparison. */
  REPEATED
}
