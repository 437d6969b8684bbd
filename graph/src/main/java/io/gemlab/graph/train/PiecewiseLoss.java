package io.gemlab.graph.train;

import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.gemma2.StackedTensors;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.OrderingBarrier;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.gradient.CustomGradient;
import io.gemlab.ops.loss.LossSum;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * A loss of some positions at a time, so that neither the scores of all positions nor their
 * gradients ever exist together.
 *
 * <p>It is a loop, or XLA would schedule all pieces as it likes. A piece's gradients are taken as
 * soon as its scores are there, and added up in float32. They are those of a sum, which the rest of
 * the step can only multiply by a number: the way back does that, and computes no product again.
 * Pieces cut each row, and not the batch, which a mesh cuts.
 *
 * <p>Letters: B rows, T positions of each, P pieces, S positions of a piece, D hidden.
 *
 * @param trace where
 * @param head where the scores come from
 * @param pieces P, which divides T
 */
record PiecewiseLoss<T extends TFloating>(Trace trace, Head<T> head, int pieces) {
  private static final int LOSS = 0;
  private static final int HIDDEN = 1;
  private static final int TABLE = 2;

  /** The loss of all positions. */
  LossSum of(ScoreLoss<T> loss) {
    Ops tf = trace.ops().withSubScope("loss");
    List<Operand<?>> carried = new ArrayList<>();
    carried.add(tf.constant(0f));
    if (trace.isDifferentiated()) {
      carried.add(
          StackedTensors.zeros(
              tf, head.model().type(), Tensors.shape(cut(tf, head.normed_BTD()).shape())));
      if (head.isTrained()) carried.add(zerosInFloat32(tf, head.state().getFirst()));
    }
    List<Operand<?>> held = new ArrayList<>();
    held.add(cut(tf, head.normed_BTD()));
    for (Operand<? extends TNumber> each : loss.positional()) held.add(cut(tf, each));
    held.addAll(head.state());
    held.addAll(loss.shared());
    List<Operand<?>> sums =
        trace.loop(
            "loss_pieces",
            pieces,
            carried,
            held,
            (inside, number, before, same) -> piece(loss, inside, number, before, same));
    Operand<TInt32> tokens = LossSum.count(tf, ScoreLoss.flat(tf, loss.labels_BT()));
    Operand<TFloat32> sum = sums.get(LOSS).asOutput().expect(TFloat32.class);
    return new LossSum(trace.isDifferentiated() ? withGradients(tf, sum, sums) : sum, tokens);
  }

  private List<Operand<?>> piece(
      ScoreLoss<T> of,
      Trace inside,
      Operand<TInt32> number,
      List<Operand<?>> carried,
      List<Operand<?>> held) {
    Ops tf = inside.ops().withSubScope("loss");
    Class<T> type = head.model().type();
    Operand<T> slice_BSD = StackedTensors.at(tf, held.get(0).asOutput().expect(type), number);
    Operand<T> hidden_BSD =
        OrderingBarrier.after(tf, slice_BSD, slice_BSD.shape(), carried.toArray(Operand<?>[]::new));
    List<Operand<? extends TNumber>> positional = new ArrayList<>();
    for (Operand<? extends TNumber> each : of.positional()) {
      positional.add(at(tf, held.get(1 + positional.size()), each.type(), number));
    }
    int stateAt = 1 + positional.size();
    int sharedAt = stateAt + head.state().size();
    List<Operand<?>> state = held.subList(stateAt, sharedAt);
    ScoreLoss.Scored scored =
        of.at(
            tf,
            head.rawLogits(inside.ops(), state, hidden_BSD),
            positional,
            held.subList(sharedAt, held.size()));
    Operand<TFloat32> loss = LossSum.of(tf, scored.loss_M(), scored.labels_M()).sum();
    List<Operand<?>> next = new ArrayList<>();
    next.add(tf.math.add(carried.get(LOSS).asOutput().expect(TFloat32.class), loss));
    if (carried.size() == 1) return next;
    List<Operand<?>> inputs = new ArrayList<>();
    inputs.add(hidden_BSD);
    if (carried.size() > TABLE) inputs.add(state.getFirst());
    Iterator<Operand<?>> gradients = tf.gradients(loss, inputs).iterator();
    Operand<T> before = carried.get(HIDDEN).asOutput().expect(type);
    next.add(StackedTensors.with(tf, before, number, gradients.next().asOutput().expect(type)));
    if (carried.size() > TABLE) {
      next.add(
          tf.math.add(
              carried.get(TABLE).asOutput().expect(TFloat32.class),
              Scalars.toFloat32(tf, Tensors.floating(gradients.next()))));
    }
    return next;
  }

  /** A piece of what was cut, [B, S, ...]. */
  private static <X extends TNumber> Operand<X> at(
      Ops tf, Operand<?> cut, Class<X> type, Operand<TInt32> number) {
    return StackedTensors.at(tf, cut.asOutput().expect(type), number);
  }

  private Operand<TFloat32> withGradients(Ops tf, Operand<TFloat32> loss, List<Operand<?>> sums) {
    List<Operand<?>> inputs = new ArrayList<>();
    inputs.add(head.normed_BTD());
    List<Operand<?>> gradients = new ArrayList<>();
    gradients.add(RowPieces.joined(tf, sums.get(HIDDEN).asOutput().expect(head.model().type())));
    List<Class<? extends TFloating>> types = new ArrayList<>();
    types.add(head.model().type());
    if (sums.size() > TABLE) {
      Operand<? extends TFloating> table = Tensors.floating(head.state().getFirst());
      inputs.add(table);
      gradients.add(sums.get(TABLE));
      types.add(table.type());
    }
    return CustomGradient.attach(
        tf,
        loss,
        new CustomGradient.Inputs(inputs, gradients),
        (backward, dy, given) -> {
          Operand<TFloat32> by = dy.asOutput().expect(TFloat32.class);
          List<Operand<?>> scaled = new ArrayList<>();
          for (int i = 0; i < types.size(); i++) {
            Operand<?> gradient = given.get(types.size() + i);
            Class<? extends TFloating> kept = i == 0 ? types.get(0) : TFloat32.class;
            scaled.add(scaled(backward, by, gradient.asOutput().expect(kept), types.get(i)));
          }
          return scaled;
        });
  }

  /** A gradient times a number, computed in float32. */
  private static <R extends TFloating> Operand<R> scaled(
      Ops tf, Operand<TFloat32> by, Operand<? extends TFloating> gradient, Class<R> type) {
    return Scalars.cast(tf, tf.math.mul(Scalars.toFloat32(tf, gradient), by), type);
  }

  private <X extends TNumber> Operand<X> cut(Ops tf, Operand<X> x) {
    return RowPieces.cut(tf, x, pieces);
  }

  private static Operand<TFloat32> zerosInFloat32(Ops tf, Operand<?> like) {
    TensorShape shape = Tensors.shape(like.shape());
    return StackedTensors.zeros(tf, TFloat32.class, shape);
  }
}
