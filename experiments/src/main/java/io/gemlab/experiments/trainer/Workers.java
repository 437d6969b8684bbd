package io.gemlab.experiments.trainer;

import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.train.StepTeam;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.GraphFunction;
import java.util.List;

/** Who takes a run's steps: this process alone, or the workers of a cluster together. */
interface Workers extends StepTeam {
  /** This process alone. */
  Workers ALONE = new Workers() {};

  /** Where this process's part runs. */
  default ExecutionPath place(ExecutionPath path) {
    return path;
  }

  /** Functions that have to be loaded besides the run's own. */
  default List<GraphFunction> programs() {
    return List.of();
  }

  /**
   * Gives all workers the state that this one, worker 0, begins with.
   *
   * @param done steps done
   */
  default void handOut(Executable executable, int done) {}

  /** What checks, step by step, that all workers have the same state; the first of the hooks. */
  default List<TrainingHook> checks(Executable executable) {
    return List.of();
  }

  /** A monitor that stops all workers after the same step. */
  default RunMonitor together(RunMonitor monitor) {
    return monitor;
  }

  /** Where a run stands on disk, in a sentence for whoever loses a worker. */
  default void saved(String sentence) {}

  /** What has to be complete before this process may end since a worker is lost. */
  default void completes(Runnable writing) {}
}
