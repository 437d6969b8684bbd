package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.Divergence;
import io.gemlab.experiments.train.LossByPosition;
import io.gemlab.experiments.train.StepCurves;
import io.gemlab.experiments.train.Validation;
import java.util.List;
import java.util.Optional;

/**
 * How a run went.
 *
 * @param steps what every step gave
 * @param validation the loss of all validation sequences, in nats a token, before the first step,
 *     after every {@code evaluate_every} steps and after the last
 * @param byPosition the loss of the same sequences after the last step, by position in the context
 */
public record Curves(
    StepCurves steps, List<Validation.Point> validation, List<LossByPosition.Bucket> byPosition) {

  /** Why the run has diverged; empty if it has not. */
  Optional<String> divergence() {
    return Divergence.of(validation.getFirst().loss(), validation.getLast().loss());
  }
}
