package io.gemlab.ops.attention;

import io.gemlab.ops.OrderingBarrier;
import io.gemlab.ops.Scalars;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The forward pass over diagonals: a running sum and weighted sum for each query row, and a running
 * maximum where scores have no bound.
 *
 * <p>A softcap is such a bound: exponentials of scores within (-60, 60) and their sums over any
 * length stay within float32, so they need no maximum subtracted, and nothing is ever rescaled.
 * (float16, whose largest number is 65504, is held to the maximum all the same.)
 *
 * <p>After diagonal j the first query block still active has met all its keys and leaves; each
 * diagonal waits for the one before, so that a session does not start them all at once.
 */
final class BlockwiseForward<T extends TFloating> {
  /** The largest cap whose exponentials need no maximum subtracted. */
  private static final double BOUNDED = 60;

  /** Where a running maximum starts: far below any real score, far above a hidden one. */
  private static final float LOWEST = -1e30f;

  /** The smallest sum to divide by: a row that saw no key stays finite. */
  private static final float TINIEST = 1e-37f;

  private final BlockLayout layout;
  private final Class<T> type;
  private final boolean bounded;

  BlockwiseForward(BlockLayout layout, Class<T> type) {
    this.layout = layout;
    this.type = type;
    this.bounded =
        type != TFloat16.class
            && layout.spec().softcap().cap().orElse(Double.POSITIVE_INFINITY) <= BOUNDED;
  }

  /**
   * @param values attended values, [blocks, B, K, G * size, H]
   * @param logSumExp log of the softmax's denominator, [blocks, B, K, G * size, 1]
   */
  record Attended<T extends TFloating>(Operand<T> values, Operand<TFloat32> logSumExp) {}

  /**
   * Running statistics of some query blocks; each [blocks, B, K, G * size, 1 or H].
   *
   * @param max what scores are lowered by before they are exponentiated; empty where bounded
   */
  private record Running(
      Optional<Operand<TFloat32>> max, Operand<TFloat32> sum, Operand<TFloat32> weighted) {}

  Attended<T> attend(Ops tf, Operand<TInt32> positions, Operand<T> q, Operand<T> k, Operand<T> v) {
    List<Running> finished = new ArrayList<>();
    Running active = diagonal(tf, 0, positions, new Blocks<>(q, k, v), Optional.empty());
    for (int j = 1; j < layout.diagonals(); j++) {
      finished.add(slice(tf, active, 0, 1));
      Running rest = slice(tf, active, 1, layout.pairs(j));
      active = diagonal(tf, j, positions, new Blocks<>(q, k, v), Optional.of(rest));
    }
    finished.add(active);

    Operand<TFloat32> sum =
        tf.math.maximum(
            concat(tf, finished.stream().map(Running::sum).toList()), tf.constant(TINIEST));
    Operand<TFloat32> weighted = concat(tf, finished.stream().map(Running::weighted).toList());
    Operand<TFloat32> logSum = tf.math.log(sum);
    Operand<TFloat32> logSumExp =
        bounded
            ? logSum
            : tf.math.add(
                logSum,
                concat(tf, finished.stream().map(Running::max).map(Optional::get).toList()));
    return new Attended<>(Scalars.cast(tf, tf.math.div(weighted, sum), type), logSumExp);
  }

  /** All blocks of a layer. */
  private record Blocks<T extends TFloating>(Operand<T> q, Operand<T> k, Operand<T> v) {}

  /** Meets one diagonal's keys, on top of what its queries have met so far. */
  private Running diagonal(
      Ops tf, int j, Operand<TInt32> positions, Blocks<T> blocks, Optional<Running> before) {
    int pairs = layout.pairs(j);
    int rows = layout.spec().groups() * layout.size();
    int headDim = layout.spec().headDim();
    Operand<T> qs = layout.slice(tf, blocks.q(), j, pairs, rows, headDim);
    if (before.isPresent()) {
      qs =
          OrderingBarrier.after(
              tf, qs, layout.shape(pairs, rows, headDim), before.get().weighted());
    }
    Operand<T> ks = layout.slice(tf, blocks.k(), 0, pairs, layout.size(), headDim);
    Operand<T> vs = layout.slice(tf, blocks.v(), 0, pairs, layout.size(), headDim);

    DiagonalScores scores = DiagonalScores.of(tf, layout, type, j, positions, qs, ks);
    return bounded ? bounded(tf, scores, vs, before) : unbounded(tf, scores, vs, before);
  }

  private Running bounded(Ops tf, DiagonalScores scores, Operand<T> vs, Optional<Running> before) {
    Operand<T> weights = weights(tf, scores.visibleOnly(tf, tf.math.exp(scores.capped())));
    Running here = new Running(Optional.empty(), rowSum(tf, weights), weighted(tf, weights, vs));
    return before
        .map(
            earlier ->
                new Running(
                    Optional.empty(),
                    tf.math.add(earlier.sum(), here.sum()),
                    tf.math.add(earlier.weighted(), here.weighted())))
        .orElse(here);
  }

  private Running unbounded(
      Ops tf, DiagonalScores scores, Operand<T> vs, Optional<Running> before) {
    Operand<TFloat32> masked = scores.masked(tf);
    Operand<TFloat32> highest = tf.reduceMax(masked, tf.constant(-1), ReduceMax.keepDims(true));
    Operand<TFloat32> floor =
        before.map(earlier -> earlier.max().orElseThrow()).orElse(tf.constant(LOWEST));
    Operand<TFloat32> max = tf.math.maximum(highest, floor);
    Operand<T> weights = weights(tf, tf.math.exp(tf.math.sub(masked, max)));
    Operand<TFloat32> sum = rowSum(tf, weights);
    Operand<TFloat32> weighted = weighted(tf, weights, vs);
    if (before.isEmpty()) return new Running(Optional.of(max), sum, weighted);
    Running earlier = before.get();
    Operand<TFloat32> rescale = tf.math.exp(tf.math.sub(floor, max));
    return new Running(
        Optional.of(max),
        tf.math.add(tf.math.mul(earlier.sum(), rescale), sum),
        tf.math.add(tf.math.mul(earlier.weighted(), rescale), weighted));
  }

  private Operand<T> weights(Ops tf, Operand<TFloat32> exponentials) {
    return Scalars.cast(tf, exponentials, type);
  }

  /** Of the rounded weights, so that what is divided and what divides agree. */
  private Operand<TFloat32> rowSum(Ops tf, Operand<T> weights) {
    return tf.sum(Scalars.toFloat32(tf, weights), tf.constant(-1), Sum.keepDims(true));
  }

  private Operand<TFloat32> weighted(Ops tf, Operand<T> weights, Operand<T> vs) {
    return Scalars.toFloat32(tf, Heads.product(tf, type, weights, vs));
  }

  private Running slice(Ops tf, Running running, int first, int count) {
    int rows = layout.spec().groups() * layout.size();
    return new Running(
        running.max().map(max -> layout.slice(tf, max, first, count, rows, 1)),
        layout.slice(tf, running.sum(), first, count, rows, 1),
        layout.slice(tf, running.weighted(), first, count, rows, layout.spec().headDim()));
  }

  static Operand<TFloat32> concat(Ops tf, List<Operand<TFloat32>> pieces) {
    return pieces.size() == 1 ? pieces.getFirst() : tf.concat(pieces, tf.constant(0));
  }
}
