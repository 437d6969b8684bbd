package io.gemlab.graph.decode;

import java.util.Optional;

/** Hears of each new token, and may end its row. */
@FunctionalInterface
public interface TokenListener {
  /**
   * A new token.
   *
   * @param row its row in the request
   * @param logProbability the model's natural log-probability of it; NaN if that wasn't asked for
   * @return why the row ends with this token; empty to go on
   */
  Optional<FinishReason> next(int row, int id, float logProbability);

  /**
   * How many of a row's prompt tokens were in the cache already; called before the first new token.
   */
  default void cached(int row, int tokens) {}

  /** Whether a row is no longer wanted; asked during prefill, chunk by chunk. */
  default boolean isCancelled(int row) {
    return false;
  }
}
