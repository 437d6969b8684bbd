package io.gemlab.graph.train;

import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.trace.Trace;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** What a training step minimises. It asks the trace for what it needs besides the logits. */
@FunctionalInterface
public interface TrainingLoss {
  /**
   * The loss.
   *
   * @param rawLogits_MV scores before the final cap, [M, V]
   * @return a scalar
   */
  <T extends TFloating> Operand<TFloat32> of(
      Trace trace, Gemma2Model<T> model, BatchShape batch, Operand<T> rawLogits_MV);

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
