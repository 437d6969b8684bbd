package io.gemlab.graph.score;

/** Hears of scores as they come, on the thread that scores. */
public interface ScoreListener {
  /**
   * A request's scores are there.
   *
   * @param request its place in the list that was given
   */
  void scored(int request, TokenScores scores);

  /**
   * How much is done; called before the first program runs, and after each.
   *
   * @param tokens positions that went through the model's layers, padding among them
   * @param all of how many
   */
  default void progressed(long tokens, long all) {}
}
