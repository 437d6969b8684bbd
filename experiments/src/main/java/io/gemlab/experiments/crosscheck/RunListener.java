package io.gemlab.experiments.crosscheck;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.weights.LoadProgress;

/** Told of a run as it goes on. */
public interface RunListener extends LoadProgress {
  /** What the results' reader has to know, in a line. */
  void caution(String what);

  /**
   * Called before anything is allocated; may refuse by an exception.
   *
   * @param need what the largest of the functions needs
   * @param path what will run them
   * @param batch what they run on
   */
  default void traced(MemoryNeed need, ExecutionPath path, TokenBatch batch) {}

  /**
   * Called after each training step.
   *
   * @param steps done so far
   */
  default void stepped(int steps) {}
}
