package io.gemlab.experiments.eval.score;

/** Hears how far the answering of requests is. */
public interface ScoringMonitor {
  /**
   * Requests are about to be answered.
   *
   * @param all how many there are, each counted once
   * @param known how many of them were answered before
   * @param tokens of the others' texts
   */
  default void begins(int all, int known, long tokens) {}

  /**
   * How far it is.
   *
   * @param done tokens that went through the model
   * @param all about how many there are
   */
  default void progressed(long done, long all) {}
}
