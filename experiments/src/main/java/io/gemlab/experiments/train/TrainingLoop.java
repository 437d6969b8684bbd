package io.gemlab.experiments.train;

import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.train.StepFunctions;
import io.gemlab.graph.train.StepLimits;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * Takes one training step after the other, and calls hooks around them.
 *
 * @param executable runs the step, and holds the weights and the optimizer's state
 * @param functions the functions of a step, counted from 0: another where it measures more; all of
 *     them share their state
 * @param batches the micro-batches of a step, counted from 0: a function of the step and of the
 *     weights that the executable holds, so that a run goes on with the batches that it would have
 *     seen
 * @param limits of the step that comes next, above which it is not taken where its functions are
 *     guarded
 * @param team who takes the steps together
 * @param steps how many there are in the whole run
 * @param hooks called in this order
 */
public record TrainingLoop(
    Executable executable,
    LongFunction<StepFunctions> functions,
    LongFunction<List<LabelledBatch>> batches,
    Supplier<StepLimits> limits,
    StepTeam team,
    int steps,
    List<TrainingHook> hooks) {
  public TrainingLoop {
    hooks = List.copyOf(hooks);
  }

  /** A loop of steps that are all alike and all taken. */
  public TrainingLoop(
      Executable executable,
      StepFunctions functions,
      LongFunction<List<LabelledBatch>> batches,
      int steps,
      List<TrainingHook> hooks) {
    this(executable, _ -> functions, batches, () -> StepLimits.NONE, StepTeam.ALONE, steps, hooks);
  }

  /**
   * Takes the steps that are left.
   *
   * @param done steps done before; the executable holds their outcome
   * @throws NotFiniteException if a loss or a gradient is NaN or infinite; it names step and tensor
   * @throws RunMonitor.Stopped if a hook stopped it, all hooks having been told
   */
  public void run(int done) {
    int reached = done;
    try {
      for (TrainingHook hook : hooks) hook.onStart(done);
      while (reached < steps) {
        for (TrainingHook hook : hooks) hook.beforeStep(reached);
        long begin = System.nanoTime();
        List<LabelledBatch> batch = batch(reached);
        StepResult result =
            new StepCaller(executable, functions.apply(reached), team)
                .take(reached + 1, batch, limits.get(), begin);
        reached++;
        for (TrainingHook hook : hooks) hook.onStep(result);
      }
    } catch (RunMonitor.Stopped stopped) {
      for (TrainingHook hook : hooks) hook.onStopped(reached);
      throw stopped;
    }
  }

  private List<LabelledBatch> batch(int done) {
    return team.ownWork(() -> batches.apply(done));
  }
}
