package io.gemlab.experiments.train;

import io.gemlab.graph.base.batch.Share;
import java.util.function.Supplier;

/**
 * The processes that take each step together, as one of them sees it. All see the same batches, and
 * each computes its share of their rows.
 */
public interface StepTeam {
  /** This process takes its steps alone. */
  StepTeam ALONE = new StepTeam() {};

  /** What this process computes. */
  default Share share() {
    return Share.WHOLE;
  }

  /**
   * Does what this process does of a step by itself; the others of the team may have to wait for
   * it, and have to know if it never comes.
   */
  default <R> R ownWork(Supplier<R> work) {
    return work.get();
  }

  /** Whether this process would like the step that comes next to be the last. */
  default boolean wantsToStop() {
    return false;
  }

  /**
   * Hears, with a step's sums and so all at the same step, whether that is to be the last.
   *
   * @param stopping whether any of the processes wanted it
   */
  default void heard(boolean stopping) {}
}
