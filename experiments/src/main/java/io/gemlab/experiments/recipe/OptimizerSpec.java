package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.TrainStep;
import java.util.OptionalDouble;

/**
 * How gradients change weights.
 *
 * @param adamW the rule; all tensors decay
 * @param maxGradNorm the global norm that gradients are clipped to
 */
public record OptimizerSpec(AdamW adamW, double maxGradNorm) {
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
            fields.number("beta1"),
            fields.number("beta2"),
            fields.number("epsilon"),
            fields.number("weight_decay")),
        fields.number("max_grad_norm"));
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
