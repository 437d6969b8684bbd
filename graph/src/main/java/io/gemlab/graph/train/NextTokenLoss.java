package io.gemlab.graph.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Padding;
import io.gemlab.ops.loss.CrossEntropy;
import io.gemlab.ops.loss.LossSum;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Cross-entropy of the next token over scored positions, in nats.
 *
 * <p>Takes the argument {@code labels}, int32 [B, T]: the token that follows each position, or
 * {@link Padding#LABEL}.
 *
 * @param pieces into how many each row is cut, so that the scores of one piece exist at a time; 1
 *     for those of all positions together
 */
public record NextTokenLoss(int pieces) implements TrainingLoss {
  public NextTokenLoss {
    if (pieces < 1) {
      throw new InvalidInput("the loss is cut into %d pieces; give 1 or more".formatted(pieces));
    }
  }

  /** Of all positions together. */
  public NextTokenLoss() {
    this(1);
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidInput if the pieces don't divide the positions of a row
   */
  @Override
  public <T extends TFloating> LossSum of(Trace trace, BatchShape batch, Head<T> head) {
    if (batch.sequenceLength() % pieces != 0) {
      throw new InvalidInput(
          "rows of %d tokens can't be cut into %d pieces for the loss; give a number that divides them"
              .formatted(batch.sequenceLength(), pieces));
    }
    return pieces == 1 ? whole(trace, batch, head) : inPieces(trace, batch, head);
  }

  private static <T extends TFloating> LossSum whole(Trace trace, BatchShape batch, Head<T> head) {
    Ops tf = trace.ops().withSubScope("loss");
    Positions positions = Positions.of(trace, tf, batch, head);
    return LossSum.of(tf, positions.loss_M(), positions.labels_M());
  }

  /**
   * The loss of each position, from the scores of all of them together.
   *
   * @param labels_M the argument {@link LabelledBatch#LABELS}, row by row
   * @param loss_M float32, 0 where a position is not scored
   */
  record Positions(Operand<TInt32> labels_M, Operand<TFloat32> loss_M) {
    static <T extends TFloating> Positions of(Trace trace, Ops tf, BatchShape batch, Head<T> head) {
      Operand<T> rawLogits_MV = head.rawLogits(trace.ops());
      Operand<TInt32> labels_M =
          tf.reshape(labels(trace, batch), tf.constant(new int[] {batch.positions()}));
      return new Positions(
          labels_M,
          CrossEntropy.apply(
              tf, rawLogits_MV, labels_M, head.model().config().finalLogitSoftcapping()));
    }
  }

  private <T extends TFloating> LossSum inPieces(Trace trace, BatchShape batch, Head<T> head) {
    return new PiecewiseLoss<>(trace, head, pieces).of(labels(trace, batch));
  }

  private static Operand<TInt32> labels(Trace trace, BatchShape batch) {
    return trace.argument(
        LabelledBatch.LABELS,
        TInt32.class,
        TensorShape.of(batch.batchSize(), batch.sequenceLength()));
  }
}
