package io.gemlab.graph.base.batch;

import io.gemlab.graph.base.input.InvalidInput;

/**
 * The part of each batch's rows that one of several processes computes.
 *
 * @param number which part, from 0
 * @param count how many parts there are
 */
public record Share(int number, int count) {
  /** All rows. */
  public static final Share WHOLE = new Share(0, 1);

  public Share {
    if (count < 1 || number < 0 || number >= count) {
      throw new IllegalArgumentException("there is no part %d of %d".formatted(number, count));
    }
  }

  /** This part of a batch. */
  public LabelledBatch of(LabelledBatch whole) {
    return count == 1 ? whole : whole.cut(count).get(number);
  }

  /**
   * Rows of this part.
   *
   * @param rows of the whole batch
   * @throws InvalidInput if they can't be shared out evenly
   */
  public int rows(int rows) {
    if (rows % count == 0) return rows / count;
    throw new InvalidInput(
        "batch / accumulate is %d rows and there are %d workers; give a batch that is a multiple of accumulate x workers"
            .formatted(rows, count));
  }
}
