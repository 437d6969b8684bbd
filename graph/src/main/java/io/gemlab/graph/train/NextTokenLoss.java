package io.gemlab.graph.train;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.loss.CrossEntropy;
import io.gemlab.ops.loss.LossMean;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Mean cross-entropy of the next token over scored positions, in nats.
 *
 * <p>Takes the argument {@code labels}, int32 [B, T]: the token that follows each position, or
 * {@link CrossEntropy#IGNORED}.
 */
public record NextTokenLoss() implements TrainingLoss {
  public static final String LABELS = "labels";

  /**
   * What a training step takes of a batch: its tokens, and the token that follows each.
   *
   * @throws InvalidInput if no token follows another: there is nothing to learn from
   */
  public static Map<String, HostTensor> arguments(TokenBatch batch) {
    int[][] labels = batch.labels();
    if (Arrays.stream(labels).flatMapToInt(Arrays::stream).allMatch(CrossEntropy::isIgnored)) {
      throw new InvalidInput(
          "the batch of %d x %d has no token to learn from: none follows another one that is not padding; give a row of two tokens or more"
              .formatted(batch.rows(), batch.length()));
    }
    Map<String, HostTensor> arguments = new HashMap<>(batch.arguments());
    arguments.put(LABELS, HostTensor.of(labels));
    return arguments;
  }

  @Override
  public <T extends TFloating> Operand<TFloat32> of(
      Trace trace, Gemma2Model<T> model, Batch batch, Operand<T> rawLogits_MV) {
    Ops tf = trace.ops().withSubScope("loss");
    Operand<TInt32> labels_BT =
        trace.argument(LABELS, TInt32.class, TensorShape.of(batch.rows(), batch.length()));
    Operand<TInt32> labels_M = tf.reshape(labels_BT, tf.constant(new int[] {batch.positions()}));
    Operand<TFloat32> loss_M =
        CrossEntropy.apply(tf, rawLogits_MV, labels_M, model.config().finalLogitSoftcapping());
    return LossMean.apply(tf, loss_M, labels_M);
  }
}
