package io.gemlab.experiments.train;

/**
 * Called before and after each step of a {@link TrainingLoop}. Hooks are called in the order in
 * which the loop has them; an exception that one throws ends the loop.
 */
public interface TrainingHook {
  /**
   * Before the first step that this loop takes.
   *
   * @param steps steps done: 0, or where an earlier process stopped
   */
  default void onStart(int steps) {}

  /**
   * Before each step.
   *
   * @param steps steps done
   * @throws io.gemlab.experiments.run.RunMonitor.Stopped to stop here
   */
  default void beforeStep(int steps) {}

  /** After each step. */
  default void onStep(StepResult result) {}

  /**
   * When the loop was stopped: the last call.
   *
   * @param steps steps done
   */
  default void onStopped(int steps) {}
}
