package io.gemlab.graph.decode;

import java.util.Arrays;
import java.util.Optional;

/** A row while it grows. */
final class SequenceState {
  private final int promptLength;
  private final FinishReason whenFull;
  private final int[] ids;
  private final float[] logProbabilities;
  private final int[] likeliest;
  private final float[] likeliestLogProbabilities;
  private int size;
  private FinishReason finish;

  /**
   * @param promptLength tokens before the first new one
   * @param limit new tokens at most
   * @param whenFull why there are no more then
   */
  SequenceState(int promptLength, int limit, FinishReason whenFull) {
    this.promptLength = promptLength;
    this.whenFull = whenFull;
    this.ids = new int[limit];
    this.logProbabilities = new float[limit];
    this.likeliest = new int[limit];
    this.likeliestLogProbabilities = new float[limit];
  }

  /**
   * A row that may become as long as there is room for.
   *
   * @param maxNewTokens new tokens at most
   * @param positions that there are
   */
  static SequenceState of(int promptLength, int maxNewTokens, int positions) {
    int room = positions - promptLength + 1;
    return maxNewTokens <= room
        ? new SequenceState(promptLength, maxNewTokens, FinishReason.LENGTH)
        : new SequenceState(promptLength, room, FinishReason.CONTEXT);
  }

  /** Positions whose keys and values a cache must have room for: the last new token's are not. */
  int positions() {
    return promptLength + ids.length - 1;
  }

  boolean goesOn() {
    return finish == null;
  }

  void add(ChosenTokens chosen, int row) {
    ids[size] = chosen.ids()[row];
    logProbabilities[size] = chosen.logProbabilities()[row];
    likeliest[size] = chosen.likeliest()[row];
    likeliestLogProbabilities[size] = chosen.likeliestLogProbabilities()[row];
    size++;
    if (size == ids.length) finish = whenFull;
  }

  void finish(FinishReason reason) {
    finish = reason;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int lastId() {
    return ids[size - 1];
  }

  /** Where the last token stands. */
  int lastPosition() {
    return promptLength + size - 1;
  }

  /** The tokens that were fed: the prompt and all new ones but the last; empty if none came. */
  Optional<int[]> cachedTokens(int[] prompt) {
    if (size == 0) return Optional.empty();
    int[] fed = Arrays.copyOf(prompt, prompt.length + size - 1);
    System.arraycopy(ids, 0, fed, prompt.length, size - 1);
    return Optional.of(fed);
  }

  /**
   * @param scored whether to give log-probabilities
   */
  GeneratedTokens tokens(boolean scored) {
    return new GeneratedTokens(
        Arrays.copyOf(ids, size),
        Arrays.copyOf(logProbabilities, scored ? size : 0),
        Arrays.copyOf(likeliest, scored ? size : 0),
        Arrays.copyOf(likeliestLogProbabilities, scored ? size : 0),
        finish);
  }
}
