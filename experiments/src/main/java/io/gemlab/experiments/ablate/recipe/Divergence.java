package io.gemlab.experiments.ablate.recipe;

import io.gemlab.reports.Numbers;
import java.util.Optional;

/**
 * When a run counts as diverged. The loss before the first step is the bound at which sensitivity
 * to the learning rate is clipped in arXiv:2309.14322: a run above it has learned less than
 * nothing.
 */
public final class Divergence {
  /** For people. */
  public static final String DEFINITION =
      "A run has diverged if a loss or a gradient is not finite, or if its last validation loss is"
          + " above the one before its first step.";

  private Divergence() {}

  /**
   * Why a run whose numbers are finite has diverged; empty if it has not.
   *
   * @param before validation loss before the first step
   * @param after validation loss after the last
   */
  public static Optional<String> of(float before, float after) {
    if (after <= before) return Optional.empty();
    return Optional.of(
        "diverged: the validation loss is %s after the last step, and was %s before the first"
            .formatted(Numbers.significant(after, 4), Numbers.significant(before, 4)));
  }
}
