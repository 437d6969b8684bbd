package io.gemlab.graph.base.text;

import io.gemlab.graph.base.batch.LabelledBatch;

/** Rows of tokens with their labels, all of one length, found by their numbers. */
public interface TrainingRows {
  /** How many rows there are. */
  int count();

  /** T, the positions of a row. */
  int length();

  /** Positions that are scored in all rows together: what an epoch learns from. */
  long scored();

  /**
   * The rows with these numbers, as a batch.
   *
   * @param numbers each from 0 to {@link #count} - 1
   */
  LabelledBatch batch(int... numbers);
}
