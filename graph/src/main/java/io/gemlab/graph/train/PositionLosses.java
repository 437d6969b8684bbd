package io.gemlab.graph.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.loss.CrossEntropy;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The cross-entropy of the next token at each position, which {@link NextTokenLoss} is the mean of.
 * Takes the same arguments and the weights that a training step holds.
 *
 * @param model that is trained, its weights stored in float32
 * @param batch its size
 */
public record PositionLosses<T extends TFloating>(
    Gemma2Model<T> model, TrainingLoss.BatchShape batch) {
  /** The result: float32 [M], row by row, in nats; 0 where a position is not scored. */
  public static final String LOSSES = "losses";

  /** Traces it as function {@code name}. */
  public GraphFunction trace(String name) {
    try (Trace trace = new Trace(name)) {
      ModelTrace<T> traced = ModelTrace.of(trace, model, Parameters.trained(model));
      int rows = batch.batchSize();
      int length = batch.sequenceLength();
      Gemma2Model.Hidden<T> hidden = model.forward(traced, traced.tokens(rows, length));
      Ops tf = trace.ops();
      Operand<T> raw_MV = model.rawLogits(tf, traced.weights(), hidden.normed());
      Operand<TInt32> labels_BT =
          trace.argument(LabelledBatch.LABELS, TInt32.class, TensorShape.of(rows, length));
      Operand<TInt32> labels_M = tf.reshape(labels_BT, tf.constant(new int[] {batch.positions()}));
      Operand<TFloat32> loss_M =
          CrossEntropy.apply(tf, raw_MV, labels_M, model.config().finalLogitSoftcapping());
      trace.result(LOSSES, loss_M);
      return trace.finish();
    }
  }
}
