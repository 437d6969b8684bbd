package io.gemlab.experiments.train;

import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.train.TrainStep;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * Calls a training step again and again, and hooks around it.
 *
 * @param executable runs the step, and holds the weights and the optimizer's state
 * @param function the step's name, as {@link TrainStep#trace} traced it
 * @param batches the batch of a step, counted from 0: a function of the step alone, so that a run
 *     goes on with the batches that it would have seen
 * @param steps how many there are in the whole run
 * @param hooks called in this order
 */
public record TrainingLoop(
    Executable executable,
    String function,
    LongFunction<LabelledBatch> batches,
    int steps,
    List<TrainingHook> hooks) {
  public TrainingLoop {
    hooks = List.copyOf(hooks);
  }

  /**
   * Takes the steps that are left.
   *
   * @param done steps done before; the executable holds their outcome
   * @throws NotFiniteException if a loss or the gradients' norm is NaN or infinite
   * @throws RunMonitor.Stopped if a hook stopped it, all hooks having been told
   */
  public void run(int done) {
    int reached = done;
    try {
      for (TrainingHook hook : hooks) hook.onStart(done);
      while (reached < steps) {
        for (TrainingHook hook : hooks) hook.beforeStep(reached);
        StepResult result = step(reached);
        reached++;
        for (TrainingHook hook : hooks) hook.onStep(result);
      }
    } catch (RunMonitor.Stopped stopped) {
      for (TrainingHook hook : hooks) hook.onStopped(reached);
      throw stopped;
    }
  }

  private StepResult step(int done) {
    LabelledBatch batch = batches.apply(done);
    long begin = System.nanoTime();
    try (Results results = executable.run(function, batch.arguments())) {
      requireFinite(results, done + 1);
      Map<String, HostTensor> tensors = results.tensors();
      return new StepResult(
          done + 1,
          batch,
          results.get(TrainStep.LOSS).item(),
          tensors.containsKey(TrainStep.GRADIENT_NORM)
              ? OptionalDouble.of(results.get(TrainStep.GRADIENT_NORM).item())
              : OptionalDouble.empty(),
          results.get(TrainStep.LEARNING_RATE).item(),
          (System.nanoTime() - begin) / 1e9);
    }
  }

  /**
   * Checks the gradients' norm too: clipping would turn a gradient that overflowed into zeros and
   * train on.
   */
  private static void requireFinite(Results results, int step) {
    Stream.of(TrainStep.LOSS, TrainStep.GRADIENT_NORM)
        .filter(results.tensors()::containsKey)
        .forEach(
            name -> {
              float value = results.get(name).item();
              if (!Float.isFinite(value)) {
                throw new NotFiniteException(
                    "diverged: %s is %s in step %d".formatted(name, value, step));
              }
            });
  }
}
