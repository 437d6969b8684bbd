package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.TrainStep;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How gradients change weights.
 *
 * @param adamW the rule; all tensors decay
 * @param maxGradNorm the global norm that gradients are clipped to
 */
public record OptimizerSpec(AdamW adamW, double maxGradNorm) {
  private static final Key<Double> BETA1 =
      Key.of(
          "beta1",
          Kind.NUMBER,
          Values.fromToBelow(0, 1),
          "AdamW's decay of the mean of the gradients.");
  private static final Key<Double> BETA2 =
      Key.of(
          "beta2",
          Kind.NUMBER,
          Values.fromToBelow(0, 1),
          "AdamW's decay of the mean of their squares.");
  private static final Key<Double> EPSILON =
      Key.of(
          "epsilon",
          Kind.NUMBER,
          Values.POSITIVE,
          "Added to the root of the mean of squares, which AdamW divides by.");
  private static final Key<Double> WEIGHT_DECAY =
      Key.of(
          "weight_decay",
          Kind.NUMBER,
          Values.atLeast(0),
          "What weights decay by in a step, times the learning rate.");
  private static final Key<Double> MAX_GRAD_NORM =
      Key.of(
          "max_grad_norm",
          Kind.NUMBER,
          Values.POSITIVE,
          "The norm of all gradients together that they are clipped to.");

  /** What {@link #of} reads. */
  public static final List<Key<?>> KEYS =
      List.of(BETA1, BETA2, EPSILON, WEIGHT_DECAY, MAX_GRAD_NORM);

  public OptimizerSpec {
    Require.positive("max_grad_norm", maxGradNorm);
  }

  /**
   * Reads {@code beta1}, {@code beta2}, {@code epsilon}, {@code weight_decay} and {@code
   * max_grad_norm}.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if a value is missing or can't be
   */
  public static OptimizerSpec of(Fields fields) {
    return new OptimizerSpec(
        new AdamW(
            fields.get(BETA1), fields.get(BETA2), fields.get(EPSILON), fields.get(WEIGHT_DECAY)),
        fields.get(MAX_GRAD_NORM));
  }

  /** What a training step is traced with. */
  public TrainStep.Optimizer over(ScheduleSpec schedule) {
    return new TrainStep.Optimizer(adamW, schedule.learningRate(), OptionalDouble.of(maxGradNorm));
  }

  /** All of it, for a record. */
  public ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("beta1", adamW.beta1())
        .put("beta2", adamW.beta2())
        .put("epsilon", adamW.epsilon())
        .put("weight_decay", adamW.weightDecay())
        .put("max_grad_norm", maxGradNorm);
  }
}
