package io.gemlab.graph.base.batch;

/** What the rows of a batch hold. */
public enum Packing {
  /** One text each: a token sees those before it in its row. */
  NONE,
  /** Whole documents one after the other: a token sees those before it in its document. */
  DOCUMENTS
}
