package io.gemlab.experiments.crosscheck;

import io.gemlab.graph.weights.LoadProgress;

/** Told of a run as it goes on. */
public interface RunListener extends LoadProgress {
  /** What the results' reader has to know, in a line. */
  void caution(String what);

  /**
   * Called after each training step.
   *
   * @param steps done so far
   */
  default void stepped(int steps) {}
}
