package io.gemlab.graph.train;

import io.gemlab.graph.base.input.InvalidInput;

/** What a learning rate does between its warm-up and its last step. */
public sealed interface Decay {

  /** It stays. */
  record None() implements Decay {}

  /** It falls to the floor by half a cosine. */
  record Cosine() implements Decay {}

  /** It falls to the floor in a line. */
  record Linear() implements Decay {}

  /**
   * It stays (warm-up, stable, decay), then falls to the floor in a line, and stays there for the
   * steps that are left. Both shares are of the steps after the warm-up, rounded to whole steps.
   *
   * @param stableShare how many stay, in [0, 1]
   * @param decayShare how many fall, in [0, 1 - stableShare]
   */
  record WarmupStableDecay(double stableShare, double decayShare) implements Decay {
    public WarmupStableDecay {
      if (!(stableShare >= 0 && decayShare >= 0 && stableShare + decayShare <= 1 + 1e-9)) {
        throw new InvalidInput(
            "of the steps after the warm-up a share of %s is stable and one of %s decays; give shares of 0 or above that sum to at most 1"
                .formatted(stableShare, decayShare));
      }
    }
  }
}
