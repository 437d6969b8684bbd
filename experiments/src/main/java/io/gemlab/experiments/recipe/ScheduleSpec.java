package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.train.LearningRate;

/**
 * How long a run trains, and its learning rate over the steps: linear warm-up to the peak, then
 * half a cosine down to the floor.
 *
 * @param steps a run takes
 * @param learningRate the rate of each step, the last of which has the floor
 */
public record ScheduleSpec(int steps, LearningRate learningRate) {
  public ScheduleSpec {
    Require.positive("steps", steps);
    Require.positive("learning_rate", learningRate.peak());
  }

  /**
   * Reads {@code steps}, {@code learning_rate} (the peak), {@code warmup_steps} and {@code
   * learning_rate_floor} (a fraction of the peak).
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if a value is missing or can't be
   */
  public static ScheduleSpec of(Fields fields) {
    int steps = fields.integer("steps");
    Require.positive("steps", steps);
    return new ScheduleSpec(
        steps,
        new LearningRate(
            fields.number("learning_rate"),
            fields.integer("warmup_steps"),
            steps,
            fields.number("learning_rate_floor")));
  }

  /** All of it, for a record. */
  public ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("steps", steps)
        .put("learning_rate", learningRate.peak())
        .put("warmup_steps", learningRate.warmupSteps())
        .put("learning_rate_floor", learningRate.floor());
  }
}
