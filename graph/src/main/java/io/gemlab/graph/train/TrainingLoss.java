package io.gemlab.graph.train;

import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.loss.LossSum;
import org.tensorflow.types.family.TFloating;

/** What a training step minimises. It asks the trace for what it needs besides the scores. */
@FunctionalInterface
public interface TrainingLoss {
  /**
   * The loss of a batch, summed and not averaged: what it is divided by is the step's, which may
   * have more batches.
   *
   * @param head where the scores come from
   */
  <T extends TFloating> LossSum of(Trace trace, BatchShape batch, Head<T> head);

  /**
   * The size of a batch: B rows of T tokens.
   *
   * @param packing what a row holds
   */
  record BatchShape(int batchSize, int sequenceLength, Packing packing) {
    /** Rows that are one text each. */
    public BatchShape(int batchSize, int sequenceLength) {
      this(batchSize, sequenceLength, Packing.NONE);
    }

    /** M = B * T. */
    public int positions() {
      return batchSize * sequenceLength;
    }
  }
}
