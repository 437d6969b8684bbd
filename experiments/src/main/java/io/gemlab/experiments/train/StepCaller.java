package io.gemlab.experiments.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.train.StepFunctions;
import io.gemlab.graph.train.StepLimits;
import io.gemlab.graph.train.TrainStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Takes one training step, of one batch or of several micro-batches.
 *
 * @param executable runs the functions, and holds the weights and the optimizer's state
 */
record StepCaller(Executable executable, StepFunctions functions) {

  /** The loss of a step's micro-batches, each counted by the program itself. */
  private record Loss(double sum, long tokens) {
    static final Loss NONE = new Loss(0, 0);

    Loss plus(Results results) {
      return new Loss(
          sum + results.get(TrainStep.LOSS_SUM).item(),
          tokens + results.get(TrainStep.TOKENS).ints()[0]);
    }

    float mean() {
      return (float) (sum / tokens);
    }
  }

  /**
   * Takes the step.
   *
   * @param step its number, from 1
   * @param batches at least one token of them is scored
   * @param limits above which it is not taken, where the functions are guarded
   * @param begin when its batches were asked for, by {@link System#nanoTime}
   * @throws InvalidInput if no token is scored
   * @throws NotFiniteException if the loss, the gradients' norm or a gradient is NaN or infinite,
   *     unless it is that a scaled gradient overflowed; it names step and tensor
   */
  StepResult take(int step, List<LabelledBatch> batches, StepLimits limits, long begin) {
    long scored = batches.stream().mapToLong(LabelledBatch::scored).sum();
    if (scored == 0) batches.getFirst().requireScored();
    Map<String, HostTensor> more = functions.isGuarded() ? limits.arguments() : Map.of();
    return switch (functions) {
      case StepFunctions.Whole(var whole) -> {
        if (batches.size() != 1) {
          throw new IllegalArgumentException(
              "%s takes one batch, and the step has %d; accumulate"
                  .formatted(whole.name(), batches.size()));
        }
        Map<String, HostTensor> arguments = new HashMap<>(batches.getFirst().arguments());
        arguments.putAll(more);
        try (Results results = executable.run(whole.name(), arguments)) {
          yield result(step, batches, scored, Loss.NONE.plus(results), results, begin);
        }
      }
      case StepFunctions.Accumulating(var accumulate, var update) -> {
        Loss loss = Loss.NONE;
        for (int number = 0; number < batches.size(); number++) {
          Map<String, HostTensor> arguments = new HashMap<>(batches.get(number).arguments());
          arguments.put(TrainStep.MICRO_BATCH, HostTensor.of(new int[] {number}));
          arguments.put(TrainStep.STEP_TOKENS, HostTensor.scalar(scored));
          try (Results results = executable.run(accumulate.name(), arguments)) {
            loss = loss.plus(results);
          }
        }
        Map<String, HostTensor> arguments = new HashMap<>(more);
        if (functions.isGuarded()) arguments.put(TrainStep.LOSS, HostTensor.scalar(loss.mean()));
        try (Results results = executable.run(update.name(), arguments)) {
          yield result(step, batches, scored, loss, results, begin);
        }
      }
    };
  }

  private StepResult result(
      int step, List<LabelledBatch> batches, long scored, Loss loss, Results results, long begin) {
    if (loss.tokens() != scored) {
      throw new IllegalStateException(
          "step %d scored %d tokens and its gradients were divided by %d"
              .formatted(step, loss.tokens(), scored));
    }
    Optional<int[]> taken = ints(results, TrainStep.APPLIED);
    StepResult result =
        new StepResult(
            step,
            batches,
            loss.sum(),
            scored,
            loss.mean(),
            results.get(TrainStep.GRADIENT_NORM).item(),
            results.get(TrainStep.LEARNING_RATE).item(),
            taken.isEmpty() || taken.get()[0] != 0,
            rounding(results),
            (System.nanoTime() - begin) / 1e9);
    requireFinite(result, results.get(TrainStep.FINITE).ints());
    return result;
  }

  private StepResult.Rounding rounding(Results results) {
    OptionalDouble scale =
        results.tensors().containsKey(TrainStep.LOSS_SCALE)
            ? OptionalDouble.of(results.get(TrainStep.LOSS_SCALE).item())
            : OptionalDouble.empty();
    return new StepResult.Rounding(
        scale,
        ints(results, TrainStep.UNCHANGED).stream().mapToDouble(this::share).findFirst(),
        ints(results, TrainStep.LOST).map(lost -> lost(results.get(TrainStep.MOVED).ints(), lost)));
  }

  private double share(int[] counts) {
    long all =
        functions.trained().stream().map(TensorSpec::shape).mapToLong(TensorShape::elements).sum();
    long counted = 0;
    for (int count : counts) counted += count;
    return (double) counted / all;
  }

  private LostUpdates lost(int[] moved, int[] lost) {
    List<LostUpdates.Tensor> tensors = new ArrayList<>();
    for (TensorSpec tensor : functions.trained()) {
      int at = tensors.size();
      tensors.add(new LostUpdates.Tensor(tensor.name(), moved[at], lost[at]));
    }
    return new LostUpdates(tensors);
  }

  private static Optional<int[]> ints(Results results, String name) {
    return Optional.ofNullable(results.tensors().get(name)).map(HostTensor::ints);
  }

  /**
   * Checks every gradient by itself, since clipping would turn one that overflowed into zeros and
   * train on. A scaled one may overflow, as long as there is a scale to be halved.
   */
  private void requireFinite(StepResult result, int[] finite) {
    List<String> broken = new ArrayList<>();
    for (int i = 0; i < finite.length; i++) {
      if (finite[i] == 0) broken.add(functions.trained().get(i).name());
    }
    OptionalDouble scale = result.rounding().lossScale();
    boolean overflowed = scale.isPresent() && scale.getAsDouble() >= 1 && !broken.isEmpty();
    boolean gradientsFinite = broken.isEmpty() && Float.isFinite(result.gradientNorm());
    if (Float.isFinite(result.loss()) && (gradientsFinite || overflowed)) return;
    String what =
        Float.isFinite(result.loss())
            ? "grad_norm is " + result.gradientNorm()
            : "loss is " + result.loss();
    throw new NotFiniteException(
        "diverged: %s in step %d%s".formatted(what, result.step(), gradients(broken)));
  }

  private static String gradients(List<String> broken) {
    return switch (broken.size()) {
      case 0 -> "; every gradient is finite";
      case 1 -> "; the gradient of %s is not finite".formatted(broken.getFirst());
      default ->
          "; the gradients of %s and %d more are not finite"
              .formatted(broken.getFirst(), broken.size() - 1);
    };
  }
}
