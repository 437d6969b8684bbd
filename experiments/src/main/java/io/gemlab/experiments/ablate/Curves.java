package io.gemlab.experiments.ablate;

import io.gemlab.experiments.train.StepCurves;
import io.gemlab.experiments.train.Validation;
import java.util.List;

/**
 * How a run went.
 *
 * @param steps what every step gave
 * @param validation the loss of all validation sequences, in nats a token, before the first step,
 *     after every {@code evaluate_every} steps and after the last
 */
record Curves(StepCurves steps, List<Validation.Point> validation) {}
