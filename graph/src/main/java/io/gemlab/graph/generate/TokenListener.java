package io.gemlab.graph.generate;

/** Hears of each new token, and may end its row. */
@FunctionalInterface
public interface TokenListener {
  /**
   * A new token.
   *
   * @param row its row in the request
   * @param logProbability the model's natural log-probability of it; NaN if that wasn't asked for
   * @return whether the row is to go on
   */
  boolean next(int row, int id, float logProbability);

  /** Lets every row go on. */
  static TokenListener none() {
    return (row, id, logProbability) -> true;
  }
}
