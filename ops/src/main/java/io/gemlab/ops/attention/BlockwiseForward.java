package io.gemlab.ops.attention;

import io.gemlab.ops.Ordering;
import io.gemlab.ops.Scalars;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The forward pass over diagonals: a running maximum, sum and weighted sum for each query row.
 *
 * <p>After diagonal j the first query block still active has met all its keys and leaves; a control
 * edge from each diagonal to the next keeps a session from starting them all at once.
 */
final class BlockwiseForward<T extends TFloating> {
  /** Where a running maximum starts: far below any real score, far above a hidden one. */
  private static final float LOWEST = -1e30f;

  /** The smallest sum to divide by: a row that saw no key stays finite. */
  private static final float TINIEST = 1e-37f;

  private final BlockLayout layout;
  private final Class<T> type;

  BlockwiseForward(BlockLayout layout, Class<T> type) {
    this.layout = layout;
    this.type = type;
  }

  /**
   * @param values attended values, [blocks * B * K, G * size, H]
   * @param logSumExp log of the softmax's denominator, [blocks * B * K, G * size, 1]
   */
  record Attended<T extends TFloating>(Operand<T> values, Operand<TFloat32> logSumExp) {}

  /** Running statistics of some query blocks; each [blocks * B * K, G * size, 1 or H]. */
  private record Running(
      Operand<TFloat32> max, Operand<TFloat32> sum, Operand<TFloat32> weighted) {}

  Attended<T> attend(Ops tf, Operand<TInt32> positions, Operand<T> q, Operand<T> k, Operand<T> v) {
    List<Running> finished = new ArrayList<>();
    Running active = diagonal(tf, 0, positions, q, k, v, null);
    for (int j = 1; j < layout.diagonals(); j++) {
      int remaining = layout.pairs(j);
      finished.add(slice(tf, active, 0, 1));
      Running rest = slice(tf, active, 1, remaining);
      active = diagonal(tf, j, positions, q, k, v, rest);
    }
    finished.add(active);

    Operand<TFloat32> max = concat(tf, finished.stream().map(Running::max).toList());
    Operand<TFloat32> sum =
        tf.math.maximum(
            concat(tf, finished.stream().map(Running::sum).toList()), tf.constant(TINIEST));
    Operand<TFloat32> weighted = concat(tf, finished.stream().map(Running::weighted).toList());
    return new Attended<>(
        Scalars.cast(tf, tf.math.div(weighted, sum), type), tf.math.add(max, tf.math.log(sum)));
  }

  /** Meets one diagonal's keys, on top of what its queries have met so far (null for nothing). */
  private Running diagonal(
      Ops tf,
      int j,
      Operand<TInt32> positions,
      Operand<T> q,
      Operand<T> k,
      Operand<T> v,
      Running before) {
    int pairs = layout.pairs(j);
    int rows = layout.spec().groups() * layout.size();
    int headDim = layout.spec().headDim();
    Operand<T> qs = layout.slice(tf, q, j, pairs, rows, headDim);
    if (before != null) qs = Ordering.after(tf, qs, List.of(before.weighted()));
    Operand<T> ks = layout.slice(tf, k, 0, pairs, layout.size(), headDim);
    Operand<T> vs = layout.slice(tf, v, 0, pairs, layout.size(), headDim);
    Operand<TFloat32> masked =
        BlockwiseAttention.scores(tf, layout, type, j, positions, qs, ks).masked();

    Operand<TFloat32> here = tf.reduceMax(masked, tf.constant(-1), ReduceMax.keepDims(true));
    Operand<TFloat32> floor = before == null ? tf.constant(LOWEST) : before.max();
    Operand<TFloat32> max = tf.math.maximum(here, floor);
    Operand<TFloat32> weights = tf.math.exp(tf.math.sub(masked, max));
    Operand<TFloat32> sum = tf.sum(weights, tf.constant(-1), Sum.keepDims(true));
    Operand<TFloat32> weighted =
        Scalars.toFloat32(tf, Heads.product(tf, type, Scalars.cast(tf, weights, type), vs));
    if (before == null) return new Running(max, sum, weighted);
    Operand<TFloat32> rescale = tf.math.exp(tf.math.sub(before.max(), max));
    return new Running(
        max,
        tf.math.add(tf.math.mul(before.sum(), rescale), sum),
        tf.math.add(tf.math.mul(before.weighted(), rescale), weighted));
  }

  private Running slice(Ops tf, Running running, int first, int count) {
    int rows = layout.spec().groups() * layout.size();
    return new Running(
        layout.slice(tf, running.max(), first, count, rows, 1),
        layout.slice(tf, running.sum(), first, count, rows, 1),
        layout.slice(tf, running.weighted(), first, count, rows, layout.spec().headDim()));
  }

  static Operand<TFloat32> concat(Ops tf, List<Operand<TFloat32>> pieces) {
    return pieces.size() == 1 ? pieces.getFirst() : tf.concat(pieces, tf.constant(0));
  }
}
