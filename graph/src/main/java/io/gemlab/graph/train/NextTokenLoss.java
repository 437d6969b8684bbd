package io.gemlab.graph.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Padding;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.loss.CrossEntropy;
import io.gemlab.ops.loss.LossSum;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * Cross-entropy of the next token over scored positions, in nats.
 *
 * <p>Takes the argument {@code labels}, int32 [B, T]: the token that follows each position, or
 * {@link Padding#LABEL}.
 *
 * @param pieces into how many each row is cut, so that the scores of one piece exist at a time; 1
 *     for those of all positions together
 * @param labelSmoothing the share of a label that all tokens have in common, from 0 to below 1
 */
public record NextTokenLoss(int pieces, double labelSmoothing) implements TrainingLoss {
  public NextTokenLoss {
    RowPieces.requirePositive(pieces);
    requireSmoothing(labelSmoothing);
  }

  /**
   * Checks a share that all tokens of the vocabulary may have of a label.
   *
   * @throws InvalidInput if it is below 0, or 1 or more
   */
  public static void requireSmoothing(double share) {
    if (share >= 0 && share < 1) return;
    throw new InvalidInput("label_smoothing is " + share + "; give a number from 0 to below 1");
  }

  /** Of labels as they are. */
  public NextTokenLoss(int pieces) {
    this(pieces, 0);
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
    RowPieces.requireDivides(pieces, batch.sequenceLength());
    return ScoreLoss.sum(trace, head, pieces, Scores.of(trace, batch, head, labelSmoothing));
  }

  /**
   * The cross-entropy of each position.
   *
   * @param labels_BT the argument {@link LabelledBatch#LABELS}
   * @param softcap on final logits
   */
  record Scores<T extends TFloating>(
      Operand<TInt32> labels_BT, Softcap softcap, double labelSmoothing) implements ScoreLoss<T> {
    static <T extends TFloating> Scores<T> of(
        Trace trace, BatchShape batch, Head<T> head, double labelSmoothing) {
      return new Scores<>(
          labels(trace, batch), head.model().config().finalLogitSoftcapping(), labelSmoothing);
    }

    @Override
    public List<Operand<? extends TNumber>> positional() {
      return List.of(labels_BT);
    }

    @Override
    public Scored at(
        Ops tf,
        Operand<T> rawLogits_MV,
        List<Operand<? extends TNumber>> some,
        List<Operand<?>> shared) {
      Operand<TInt32> labels_M =
          ScoreLoss.flat(tf, some.getFirst().asOutput().expect(TInt32.class));
      return new Scored(
          CrossEntropy.apply(tf, rawLogits_MV, labels_M, softcap, labelSmoothing), labels_M);
    }
  }

  /** Declares the argument that holds the labels. */
  static Operand<TInt32> labels(Trace trace, BatchShape batch) {
    return trace.argument(
        LabelledBatch.LABELS,
        TInt32.class,
        TensorShape.of(batch.batchSize(), batch.sequenceLength()));
  }
}
