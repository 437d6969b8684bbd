package io.gemlab.experiments.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.trace.GraphFunction;
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
 * @param team who takes it together
 */
record StepCaller(Executable executable, StepFunctions functions, StepTeam team) {

  private static final OptionalDouble ALONE = OptionalDouble.empty();

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
    return switch (functions) {
      case StepFunctions.Whole(var whole) -> {
        if (batches.size() != 1) {
          throw new IllegalArgumentException(
              "%s takes one batch, and the step has %d; accumulate"
                  .formatted(whole.name(), batches.size()));
        }
        Map<String, HostTensor> arguments = new HashMap<>(batches.getFirst().arguments());
        if (functions.isGuarded()) arguments.putAll(limits.arguments());
        try (Results results = executable.run(whole.name(), arguments)) {
          yield result(step, batches, scored, Loss.NONE.plus(results), ALONE, results, begin);
        }
      }
      case StepFunctions.Accumulating(var accumulate, var update) -> {
        Loss loss = accumulated(accumulate, batches, scored);
        try (Results results = executable.run(update.name(), ending(loss, limits))) {
          yield result(step, batches, scored, loss, ALONE, results, begin);
        }
      }
      case StepFunctions.Shared(var accumulate, var reduce, var update) -> {
        int last = batches.size() - 1;
        Loss own =
            last == 0
                ? Loss.NONE
                : accumulated(accumulate.orElseThrow(), batches.subList(0, last), scored);
        Reduced reduced = reduced(reduce, batches.get(last), scored, own, limits);
        Map<String, HostTensor> ending = ending(reduced.loss(), reduced.limits());
        try (Results results = team.ownWork(() -> executable.run(update.name(), ending))) {
          yield result(step, batches, scored, reduced.loss(), reduced.seconds(), results, begin);
        }
      }
    };
  }

  /** Adds up the gradients of micro-batches, from a step's first on. */
  private Loss accumulated(GraphFunction accumulate, List<LabelledBatch> batches, long scored) {
    Loss loss = Loss.NONE;
    for (int number = 0; number < batches.size(); number++) {
      Map<String, HostTensor> arguments = of(batches.get(number), scored);
      arguments.put(TrainStep.MICRO_BATCH, HostTensor.of(new int[] {number}));
      try (Results results = team.ownWork(() -> executable.run(accumulate.name(), arguments))) {
        loss = loss.plus(results);
      }
    }
    return loss;
  }

  /** This process's rows, and what the step's loss is divided by. */
  private Map<String, HostTensor> of(LabelledBatch batch, long scored) {
    Map<String, HostTensor> arguments = new HashMap<>(team.share().of(batch).arguments());
    arguments.put(TrainStep.STEP_TOKENS, HostTensor.scalar(scored));
    return arguments;
  }

  private Map<String, HostTensor> ending(Loss loss, StepLimits limits) {
    if (!functions.isGuarded()) return Map.of();
    Map<String, HostTensor> arguments = new HashMap<>(limits.arguments());
    arguments.put(TrainStep.LOSS, HostTensor.scalar(loss.mean()));
    return arguments;
  }

  /** What all processes know after a step's gradients went round. */
  private record Reduced(Loss loss, StepLimits limits, OptionalDouble seconds) {}

  /**
   * Adds the last micro-batch's gradients and those of all processes. The limits are the first
   * process's, which alone need know the losses before.
   */
  private Reduced reduced(
      GraphFunction reduce, LabelledBatch batch, long scored, Loss own, StepLimits limits) {
    Map<String, HostTensor> arguments = of(batch, scored);
    arguments.put(TrainStep.LOSS_SUM, HostTensor.scalar((float) own.sum()));
    arguments.put(TrainStep.TOKENS, HostTensor.of(new int[] {(int) own.tokens()}));
    StepLimits given = team.share().number() == 0 ? limits : new StepLimits(0, 0);
    arguments.putAll(given.arguments());
    int stopping = team.wantsToStop() ? 1 : 0;
    arguments.put(TrainStep.STOPPING, HostTensor.of(new int[] {stopping}));
    try (Results results = executable.run(reduce.name(), arguments)) {
      team.heard(results.get(TrainStep.STOPPING).ints()[0] > 0);
      return new Reduced(
          Loss.NONE.plus(results),
          new StepLimits(
              results.get(TrainStep.MAX_LOSS).item(), results.get(TrainStep.MAX_NORM).item()),
          OptionalDouble.of(results.get(TrainStep.REDUCE_SECONDS).item()));
    }
  }

  private StepResult result(
      int step,
      List<LabelledBatch> batches,
      long scored,
      Loss loss,
      OptionalDouble reduceSeconds,
      Results results,
      long begin) {
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
            (System.nanoTime() - begin) / 1e9,
            reduceSeconds);
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
