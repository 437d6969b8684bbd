package io.gemlab.experiments.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import java.util.OptionalDouble;

/**
 * What one training step gave.
 *
 * @param step its number, from 1: the steps done with it
 * @param batch what it was trained on
 * @param loss the batch's mean loss a scored token before the step, in the loss's unit
 * @param gradientNorm the gradients' global norm before clipping; empty where they are not clipped
 * @param learningRate the step's
 * @param seconds from handing over the batch to having the loss
 */
public record StepResult(
    int step,
    LabelledBatch batch,
    float loss,
    OptionalDouble gradientNorm,
    float learningRate,
    double seconds) {
  /** The sum that the loss is the mean of. */
  public double lossSum() {
    return (double) loss * tokens();
  }

  /** The tokens that the loss is the mean of. */
  public int tokens() {
    return batch.scored();
  }
}
