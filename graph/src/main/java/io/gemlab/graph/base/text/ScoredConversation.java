package io.gemlab.graph.base.text;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/**
 * A conversation in tokens, and what a model is to learn of it: what it says itself, and the token
 * that ends its turn.
 *
 * @param ids all tokens, as the chat template writes them
 * @param scored those that the model is to predict, by their index
 * @param turnEnds the index behind the end of each of the model's turns, in their order
 */
public record ScoredConversation(int[] ids, BitSet scored, int[] turnEnds) {

  /**
   * As many whole turns of the model as fit, with what precedes them.
   *
   * @param length the most tokens
   * @return empty if not even the first fits
   */
  public Optional<ScoredConversation> cutTo(int length) {
    if (ids.length <= length) return Optional.of(this);
    int turns = (int) Arrays.stream(turnEnds).filter(end -> end <= length).count();
    if (turns == 0) return Optional.empty();
    int end = turnEnds[turns - 1];
    return Optional.of(
        new ScoredConversation(
            Arrays.copyOf(ids, end), scored.get(0, end), Arrays.copyOf(turnEnds, turns)));
  }

  /** Puts one together, token by token. */
  static final class Builder {
    private final IntList ids = new IntList();
    private final BitSet scored = new BitSet();
    private final IntList turnEnds = new IntList();

    /** What the model is given. */
    void given(int... tokens) {
      ids.addAll(tokens);
    }

    /** What the model says. */
    void said(int... tokens) {
      scored.set(ids.size(), ids.size() + tokens.length);
      ids.addAll(tokens);
    }

    /** What ends the model's turn. */
    void endTurn(int token) {
      said(token);
      turnEnds.addAll(ids.size());
    }

    ScoredConversation build() {
      return new ScoredConversation(ids.toArray(), scored, turnEnds.toArray());
    }
  }
}
