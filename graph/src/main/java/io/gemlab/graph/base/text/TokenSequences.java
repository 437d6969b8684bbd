package io.gemlab.graph.base.text;

import io.gemlab.graph.base.batch.LabelledBatch;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A run of tokens cut into sequences of one length, without padding.
 *
 * <p>Sequence i predicts tokens iT + 1 to (i + 1)T from the T tokens before them: neighbours share
 * one token, so every token but the very first is predicted exactly once. What is left at the end,
 * fewer than T predictions, is dropped.
 */
public final class TokenSequences {
  private final int[] tokens;
  private final int length;

  TokenSequences(int[] tokens, int length) {
    this.tokens = tokens;
    this.length = length;
  }

  /** How many sequences there are. */
  public int count() {
    return Math.max(0, tokens.length - 1) / length;
  }

  /** T, the tokens of a sequence. */
  public int length() {
    return length;
  }

  /** All the tokens, in the order of the corpus. */
  public IntStream tokens() {
    return Arrays.stream(tokens);
  }

  /**
   * The sequences with these numbers, as a batch.
   *
   * @param numbers each from 0 to {@link #count} - 1
   */
  public LabelledBatch batch(int... numbers) {
    int[][] inputIds = new int[numbers.length][];
    int[][] labels = new int[numbers.length][];
    for (int row = 0; row < numbers.length; row++) {
      int start = Math.multiplyExact(numbers[row], length);
      if (numbers[row] < 0 || numbers[row] >= count()) {
        throw new IndexOutOfBoundsException("Sequence " + numbers[row] + " of " + count());
      }
      inputIds[row] = Arrays.copyOfRange(tokens, start, start + length);
      labels[row] = Arrays.copyOfRange(tokens, start + 1, start + 1 + length);
    }
    return LabelledBatch.of(inputIds, labels);
  }
}
