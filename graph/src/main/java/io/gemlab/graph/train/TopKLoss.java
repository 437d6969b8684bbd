package io.gemlab.graph.train;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.loss.LossSum;
import io.gemlab.ops.loss.TopKDivergence;
import io.gemlab.ops.loss.TopKProbabilities;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * KL(teacher || student) over scored positions, of a teacher whose K likeliest tokens at each
 * position are arguments, and the cross-entropy mixed with it.
 *
 * <p>Takes {@code labels}, as {@link NextTokenLoss} does, and {@link #IDS}, {@link
 * #LOG_PROBABILITIES} and {@link #REST}, which {@link TeacherPass} gives.
 *
 * @param pieces as of {@link NextTokenLoss}
 * @param topK K, from 1 to V
 * @param distillation temperature and weights
 */
public record TopKLoss(int pieces, int topK, Distillation distillation) implements TrainingLoss {
  /** The teacher's K likeliest tokens, int32 [B, T, K]. */
  public static final String IDS = "teacher_ids";

  /** Their log-probabilities at the temperature, float32 [B, T, K]; with the rest they sum to 1. */
  public static final String LOG_PROBABILITIES = "teacher_log_probabilities";

  /** The probability of all other tokens, float32 [B, T], in [0, 1). */
  public static final String REST = "teacher_rest";

  public TopKLoss {
    RowPieces.requirePositive(pieces);
    if (topK < 1) throw new InvalidInput("top_k is " + topK + "; give 1 or more");
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidInput if the pieces don't divide the positions of a row
   */
  @Override
  public <T extends TFloating> LossSum of(Trace trace, BatchShape batch, Head<T> head) {
    RowPieces.requireDivides(pieces, batch.sequenceLength());
    long rows = batch.batchSize();
    long length = batch.sequenceLength();
    TensorShape tops = TensorShape.of(rows, length, topK);
    return ScoreLoss.sum(
        trace,
        head,
        pieces,
        new Scores<>(
            NextTokenLoss.labels(trace, batch),
            trace.argument(IDS, TInt32.class, tops),
            trace.argument(LOG_PROBABILITIES, TFloat32.class, tops),
            trace.argument(REST, TFloat32.class, TensorShape.of(rows, length)),
            distillation,
            head.model().config().finalLogitSoftcapping()));
  }

  private record Scores<T extends TFloating>(
      Operand<TInt32> labels_BT,
      Operand<TInt32> ids_BTK,
      Operand<TFloat32> logP_BTK,
      Operand<TFloat32> rest_BT,
      Distillation distillation,
      Softcap softcap)
      implements ScoreLoss<T> {
    @Override
    public List<Operand<? extends TNumber>> positional() {
      return List.of(labels_BT, ids_BTK, logP_BTK, rest_BT);
    }

    @Override
    public Scored at(
        Ops tf,
        Operand<T> rawLogits_MV,
        List<Operand<? extends TNumber>> some,
        List<Operand<?>> shared) {
      Operand<TInt32> labels_M = flat(tf, some.get(0), TInt32.class);
      TopKProbabilities teacher =
          new TopKProbabilities(
              flat(tf, some.get(1), TInt32.class),
              flat(tf, some.get(2), TFloat32.class),
              flat(tf, some.get(3), TFloat32.class));
      Operand<TFloat32> divergence_M =
          new TopKDivergence(distillation.temperature()).apply(tf, rawLogits_MV, softcap, teacher);
      return new Scored(
          distillation.loss(tf, divergence_M, rawLogits_MV, labels_M, softcap), labels_M);
    }

    private static <X extends TNumber> Operand<X> flat(Ops tf, Operand<?> some, Class<X> type) {
      return ScoreLoss.flat(tf, some.asOutput().expect(type));
    }
  }
}
