package io.gemlab.experiments.ablate;

import java.util.ArrayList;
import java.util.List;

/**
 * How a run's loss fell, in nats a token.
 *
 * @param training the loss of each step's batch before the step
 * @param validation the loss of all validation sequences, before the first step, after every {@code
 *     evaluateEvery} steps and after the last
 * @param evaluateEvery steps from one validation to the next
 */
record Curves(List<Float> training, List<Float> validation, int evaluateEvery) {
  Curves(int evaluateEvery) {
    this(new ArrayList<>(), new ArrayList<>(), evaluateEvery);
  }

  int steps() {
    return training.size();
  }

  /** Whether the validation of the present step is still to be made. */
  boolean validationDue(int lastStep) {
    boolean point = steps() % evaluateEvery == 0 || steps() == lastStep;
    int due = Math.ceilDiv(steps(), evaluateEvery) + 1;
    return point && validation.size() < due;
  }

  /** The step after which a point of the validation curve was taken. */
  int validationStep(int point) {
    return Math.min(point * evaluateEvery, steps());
  }
}
