package io.gemlab.experiments.train;

import io.gemlab.experiments.run.RunMonitor;

/** Tells a monitor of each step, and stops where it asks for that; a step is one unit of work. */
public record StepProgress(RunMonitor monitor) implements TrainingHook {
  @Override
  public void onStart(int steps) {
    monitor.worked(steps);
  }

  @Override
  public void beforeStep(int steps) {
    monitor.check();
  }

  @Override
  public void onStep(StepResult result) {
    monitor.worked(1);
  }
}
