package io.gemlab.experiments.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What one training step gave.
 *
 * @param step its number, from 1: the steps done with it
 * @param batches what it was trained on: the micro-batches of the step
 * @param lossSum the loss before the step, summed over scored tokens, in the loss's unit
 * @param tokens the scored tokens of all its micro-batches
 * @param loss {@code lossSum / tokens}
 * @param gradientNorm the gradients' global norm before clipping
 * @param learningRate the step's
 * @param applied whether it was taken; where not, weights and optimizer are as they were
 * @param rounding what narrow types made of it
 * @param seconds from asking for the batch to having the loss: with completions that are written
 *     for it, and what a teacher says of them
 * @param reduceSeconds of these, where several processes take the step, what came after this one's
 *     gradients until all had everybody's
 */
public record StepResult(
    int step,
    List<LabelledBatch> batches,
    double lossSum,
    long tokens,
    float loss,
    float gradientNorm,
    float learningRate,
    boolean applied,
    Rounding rounding,
    double seconds,
    OptionalDouble reduceSeconds) {
  public StepResult {
    batches = List.copyOf(batches);
  }

  /** Scored tokens a second. */
  public double tokensPerSecond() {
    return tokens / seconds;
  }

  /**
   * What narrow types made of a step, each where it is asked for.
   *
   * @param lossScale what the loss was multiplied by for float16
   * @param unchanged the share of weights, stored in bfloat16, that the step left as they were
   * @param lost of a diagnostic step, what storing them in bfloat16 would lose
   */
  public record Rounding(
      OptionalDouble lossScale, OptionalDouble unchanged, Optional<LostUpdates> lost) {
    /** Of a step in which nothing of it is measured. */
    public static final Rounding NONE =
        new Rounding(OptionalDouble.empty(), OptionalDouble.empty(), Optional.empty());
  }
}
