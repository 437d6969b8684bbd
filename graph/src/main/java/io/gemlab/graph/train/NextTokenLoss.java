package io.gemlab.graph.train;

import io.gemlab.graph.base.batch.LabelledBatch;
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
 */
public record NextTokenLoss() implements TrainingLoss {
  @Override
  public <T extends TFloating> LossSum of(Trace trace, BatchShape batch, Head<T> head) {
    Operand<T> rawLogits_MV = head.rawLogits(trace.ops());
    Ops tf = trace.ops().withSubScope("loss");
    Operand<TInt32> labels_M =
        tf.reshape(labels(trace, batch), tf.constant(new int[] {batch.positions()}));
    Operand<TFloat32> loss_M =
        CrossEntropy.apply(
            tf, rawLogits_MV, labels_M, head.model().config().finalLogitSoftcapping());
    return LossSum.of(tf, loss_M, labels_M);
  }

  private static Operand<TInt32> labels(Trace trace, BatchShape batch) {
    return trace.argument(
        LabelledBatch.LABELS,
        TInt32.class,
        TensorShape.of(batch.batchSize(), batch.sequenceLength()));
  }
}
