package io.gemlab.experiments.ablate;

import io.gemlab.experiments.train.Validation;
import java.util.List;

/**
 * How a run's loss fell, in nats a token.
 *
 * @param training the loss of each step's batch before the step
 * @param validation the loss of all validation sequences, before the first step, after every {@code
 *     evaluate_every} steps and after the last
 */
record Curves(List<Float> training, List<Validation.Point> validation) {}
