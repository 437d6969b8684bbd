package io.gemlab.graph.train;

import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.OrderingBarrier;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.gradient.CustomGradient;
import io.gemlab.ops.loss.CrossEntropy;
import io.gemlab.ops.loss.LossSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * Cross-entropy of some positions at a time, so that neither the scores of all positions nor their
 * gradients ever exist together.
 *
 * <p>A piece's gradients are taken as soon as its scores are there, and added up in float32. They
 * are those of a sum, which the rest of the step can only multiply by a number: the way back does
 * that, and computes no product again. Pieces cut each row, and not the batch, which a mesh cuts.
 */
final class PiecewiseLoss<T extends TFloating> {
  private final Trace trace;
  private final Ops tf;
  private final Head<T> head;

  /** What gradients flow to besides the hidden states: the table, if it is trained. */
  private final List<Operand<? extends TFloating>> tables;

  private final List<Operand<T>> dHidden = new ArrayList<>();
  private final List<Operand<TFloat32>> dTables = new ArrayList<>();
  private Operand<TFloat32> sum;

  PiecewiseLoss(Trace trace, Ops tf, Head<T> head) {
    this.trace = trace;
    this.tf = tf;
    this.head = head;
    this.tables = head.trainedTable().stream().toList();
    this.sum = tf.constant(0f);
  }

  /**
   * The loss.
   *
   * @param labels_BT what follows each position, below 0 where it is not scored
   * @param pieces into how many each row is cut
   */
  LossSum of(Operand<TInt32> labels_BT, int pieces) {
    int length = Math.toIntExact(labels_BT.shape().get(1));
    for (int piece = 0; piece < pieces; piece++) {
      add(labels_BT, piece * length / pieces, (piece + 1) * length / pieces);
    }
    Operand<TInt32> labels_M = tf.reshape(labels_BT, tf.constant(new int[] {-1}));
    Operand<TInt32> tokens = LossSum.count(tf, labels_M);
    return new LossSum(trace.isDifferentiated() ? withGradients() : sum, tokens);
  }

  /** Adds the positions of each row from one to before another. */
  private void add(Operand<TInt32> labels_BT, int from, int to) {
    Operand<T> slice = tf.stopGradient(positions(head.normed_BTD(), from, to));
    List<Operand<?>> before = new ArrayList<>(dHidden);
    before.addAll(dTables);
    before.add(sum);
    Operand<T> hidden =
        OrderingBarrier.after(tf, slice, slice.shape(), before.toArray(Operand<?>[]::new));
    Operand<TInt32> labels_M =
        tf.reshape(positions(labels_BT, from, to), tf.constant(new int[] {-1}));
    Softcap cap = head.model().config().finalLogitSoftcapping();
    Operand<TFloat32> loss =
        LossSum.of(
                tf,
                CrossEntropy.apply(tf, head.rawLogits(trace.ops(), hidden), labels_M, cap),
                labels_M)
            .sum();
    sum = tf.math.add(sum, loss);
    if (!trace.isDifferentiated()) return;
    List<Operand<?>> inputs = new ArrayList<>(tables);
    inputs.addFirst(hidden);
    Iterator<Operand<?>> gradients = tf.gradients(loss, inputs).iterator();
    dHidden.add(gradients.next().asOutput().expect(head.model().type()));
    for (int table = 0; table < tables.size(); table++) {
      Operand<TFloat32> more = Scalars.toFloat32(tf, Tensors.floating(gradients.next()));
      if (dTables.size() == table) {
        dTables.add(more);
      } else {
        dTables.set(table, tf.math.add(dTables.get(table), more));
      }
    }
  }

  private Operand<TFloat32> withGradients() {
    List<Operand<?>> differentiable = new ArrayList<>(tables);
    differentiable.addFirst(head.normed_BTD());
    List<Operand<?>> gradients = new ArrayList<>(dTables);
    gradients.addFirst(
        dHidden.size() == 1 ? dHidden.getFirst() : tf.concat(dHidden, tf.constant(1)));
    List<Class<? extends TFloating>> types = new ArrayList<>();
    types.add(head.model().type());
    tables.forEach(table -> types.add(table.type()));
    return CustomGradient.attach(
        tf,
        sum,
        new CustomGradient.Inputs(differentiable, gradients),
        (backward, dy, inputs) -> {
          Operand<TFloat32> by = dy.asOutput().expect(TFloat32.class);
          List<Operand<?>> scaled = new ArrayList<>();
          for (int i = 0; i < types.size(); i++) {
            Operand<?> gradient = inputs.get(types.size() + i);
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

  private <X extends TType> Operand<X> positions(Operand<X> x, int from, int to) {
    int[] begin = new int[x.shape().numDimensions()];
    int[] size = new int[begin.length];
    Arrays.fill(size, -1);
    begin[1] = from;
    size[1] = to - from;
    return tf.slice(x, tf.constant(begin), tf.constant(size));
  }
}
