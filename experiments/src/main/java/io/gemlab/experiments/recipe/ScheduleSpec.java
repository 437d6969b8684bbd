package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.train.LearningRate;
import java.util.List;

/**
 * How long a run trains, and its learning rate over the steps: linear warm-up to the peak, then
 * half a cosine down to the floor.
 *
 * @param steps a run takes
 * @param learningRate the rate of each step, the last of which has the floor
 */
public record ScheduleSpec(int steps, LearningRate learningRate) {
  public static final Key<Integer> STEPS =
      Key.of("steps", Kind.INTEGER, Values.atLeast(1), "steps", "Steps of a run.");
  public static final Key<Double> LEARNING_RATE =
      Key.of(
          "learning_rate", Kind.NUMBER, Values.POSITIVE, "The peak, which the warm-up ends with.");
  private static final Key<Integer> WARMUP_STEPS =
      Key.of(
          "warmup_steps",
          Kind.INTEGER,
          Values.atLeast(0),
          "steps",
          "Steps in which the rate rises linearly, no more than `steps`.");
  private static final Key<Double> FLOOR =
      Key.of(
          "learning_rate_floor",
          Kind.NUMBER,
          Values.fromTo(0, 1),
          "fraction of the peak",
          "Where the rate ends after the warm-up.");

  /** What {@link #of} reads. */
  public static final List<Key<?>> KEYS = List.of(STEPS, LEARNING_RATE, WARMUP_STEPS, FLOOR);

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
    int steps = fields.get(STEPS);
    Require.positive("steps", steps);
    return new ScheduleSpec(
        steps,
        new LearningRate(
            fields.get(LEARNING_RATE), fields.get(WARMUP_STEPS), steps, fields.get(FLOOR)));
  }

  /** The same schedule over another number of steps, of which the warm-up keeps its share. */
  public ScheduleSpec withSteps(int other) {
    if (other == steps) return this;
    int warmup = (int) Math.round((double) learningRate.warmupSteps() / steps * other);
    return new ScheduleSpec(
        other, new LearningRate(learningRate.peak(), warmup, other, learningRate.floor()));
  }

  /** The same schedule, with another peak. */
  public ScheduleSpec withLearningRate(double peak) {
    LearningRate like = learningRate;
    return new ScheduleSpec(
        steps,
        new LearningRate(peak, like.warmupSteps(), like.totalSteps(), like.floor(), like.decay()));
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
