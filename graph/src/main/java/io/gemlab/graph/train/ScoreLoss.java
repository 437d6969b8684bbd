package io.gemlab.graph.train;

import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.loss.LossSum;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * A loss of each position by the scores at it and by what the batch has of it, so that the scores
 * of some positions may exist at a time.
 *
 * <p>Letters: B rows, T positions of each, M positions that are looked at together, V tokens of the
 * vocabulary.
 */
interface ScoreLoss<T extends TFloating> {
  /** What follows each position, [B, T]; below 0 where it is not scored. */
  Operand<TInt32> labels_BT();

  /** What it takes of each position, each [B, T, ...], the labels among it. */
  List<Operand<? extends TNumber>> positional();

  /** State that it takes for all positions. */
  default List<Operand<?>> shared() {
    return List.of();
  }

  /**
   * The loss of some positions.
   *
   * @param tf where to build: in the trace, or in a loop in it
   * @param rawLogits_MV their scores before the final cap
   * @param some what {@link #positional} has of them, as many positions of each row
   * @param shared what {@link #shared} is where it is built
   */
  Scored at(
      Ops tf,
      Operand<T> rawLogits_MV,
      List<Operand<? extends TNumber>> some,
      List<Operand<?>> shared);

  /**
   * What some positions gave.
   *
   * @param loss_M float32; that of positions that are not scored is not counted
   * @param labels_M int32, below 0 where not scored
   */
  record Scored(Operand<TFloat32> loss_M, Operand<TInt32> labels_M) {}

  /**
   * The sum over a batch.
   *
   * @param pieces into how many each row is cut
   */
  static <T extends TFloating> LossSum sum(
      Trace trace, Head<T> head, int pieces, ScoreLoss<T> loss) {
    if (pieces > 1) return new PiecewiseLoss<>(trace, head, pieces).of(loss);
    Ops tf = trace.ops().withSubScope("loss");
    Scored all = ofAll(trace, tf, head, loss);
    return LossSum.of(tf, all.loss_M(), all.labels_M());
  }

  /** The loss of each position, from the scores of all of them together. */
  static <T extends TFloating> Scored ofAll(Trace trace, Ops tf, Head<T> head, ScoreLoss<T> loss) {
    return loss.at(tf, head.rawLogits(trace.ops()), loss.positional(), loss.shared());
  }

  /** [B, S] to [M], and [B, S, K] to [M, K]. */
  static <X extends TNumber> Operand<X> flat(Ops tf, Operand<X> x) {
    long[] shape = x.shape().asArray();
    long[] flat = Arrays.copyOfRange(shape, 1, shape.length);
    flat[0] = shape[0] * shape[1];
    return tf.reshape(x, tf.constant(flat));
  }
}
