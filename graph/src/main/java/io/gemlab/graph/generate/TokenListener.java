package io.gemlab.graph.generate;

import java.util.Optional;
import java.util.Set;

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

  /** How many of a row's prompt tokens the cache held already; told before the first new token. */
  default void cached(int row, int tokens) {}

  /** Whether a row is no longer wanted; asked while its prompt is taken in, piece by piece. */
  default boolean isCancelled(int row) {
    return false;
  }

  /** Ends a row at any of some tokens, such as EOS. */
  static TokenListener stopAt(Set<Integer> ids) {
    return (row, id, logProbability) ->
        ids.contains(id) ? Optional.of(FinishReason.STOP_TOKEN) : Optional.empty();
  }
}
