package io.gemlab.graph.base.text;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A run of tokens cut into sequences of one length, without padding.
 *
 * <p>Sequence i predicts tokens iT + 1 to (i + 1)T from the T tokens before them: neighbours share
 * one token, so every token but the very first is predicted exactly once. What is left at the end,
 * fewer than T predictions, is dropped.
 */
public final class TokenSequences implements TrainingRows {
  private final TokenIds tokens;
  private final long from;
  private final long to;
  private final int length;

  private TokenSequences(TokenIds tokens, long from, long to, int length) {
    this.tokens = tokens;
    this.from = from;
    this.to = to;
    this.length = length;
  }

  /**
   * Documents as they follow each other: a sequence may begin amid one and end amid another.
   *
   * @param length T
   * @throws InvalidInput if there are more than 2^31 - 1 sequences
   */
  public static TokenSequences of(TokenDocuments documents, int length) {
    if (documents.size() / length > Integer.MAX_VALUE) {
      throw new InvalidInput(
          "%d tokens make over 2^31 rows of %d: give a larger length"
              .formatted(documents.size(), length));
    }
    return new TokenSequences(documents.tokens(), documents.from(), documents.to(), length);
  }

  @Override
  public int count() {
    return (int) (Math.max(0, to - from - 1) / length);
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public long scored() {
    return (long) count() * length;
  }

  /** All the tokens, in the order of the corpus. */
  public IntStream tokens() {
    return LongStream.range(from, to).mapToInt(tokens::at);
  }

  @Override
  public LabelledBatch batch(int... numbers) {
    int[][] inputIds = new int[numbers.length][];
    int[][] labels = new int[numbers.length][];
    for (int row = 0; row < numbers.length; row++) {
      if (numbers[row] < 0 || numbers[row] >= count()) {
        throw new IndexOutOfBoundsException("Sequence " + numbers[row] + " of " + count());
      }
      long start = from + (long) numbers[row] * length;
      inputIds[row] = tokens.copy(start, length);
      labels[row] = tokens.copy(start + 1, length);
    }
    return LabelledBatch.of(inputIds, labels);
  }
}
