package io.gemlab.experiments.train;

import io.gemlab.graph.path.Executable;

/**
 * Saves a run's state at intervals, and where the run is stopped. It comes after the hooks whose
 * part of the state a step changes.
 */
public record StateSaving(RunState state, Executable executable, Interval interval)
    implements TrainingHook {
  @Override
  public void onStart(int steps) {
    state.deleteLeftovers();
  }

  @Override
  public void onStep(StepResult result) {
    if (interval.includes(result.step())) state.save(executable, result.step());
  }

  @Override
  public void onStopped(int steps) {
    state.save(executable, steps);
  }
}
