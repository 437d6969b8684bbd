package io.gemlab.ops.attention;

import io.gemlab.ops.OrderingBarrier;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.gradient.CustomGradient;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The backward pass over diagonals: probabilities are computed again from the saved log of their
 * sum.
 *
 * <p>With {@code p = exp(capped - logSumExp)} and {@code d = rowsum(dO * O)}: {@code dV = p^T dO},
 * {@code dCapped = p (dO V^T - d)}, through the cap and the scale to {@code dScores}, then {@code
 * dQ = dScores K} and {@code dK = dScores^T Q}. After diagonal j the first query block's gradient
 * is whole, and so is the last key block's.
 *
 * <p>It asks no operand for its shape or type: see {@link CustomGradient}.
 */
final class BlockwiseBackward<T extends TFloating> implements CustomGradient.Backward {
  private final BlockLayout layout;
  private final Class<T> type;

  BlockwiseBackward(BlockLayout layout, Class<T> type) {
    this.layout = layout;
    this.type = type;
  }

  /** Gradients so far of the blocks still active, in float32. */
  private record Running(
      Operand<TFloat32> dQueries, Operand<TFloat32> dKeys, Operand<TFloat32> dValues) {}

  @Override
  public List<Operand<?>> apply(Ops tf, Operand<?> dy, List<Operand<?>> inputs) {
    Operand<T> dOut = typed(dy);
    Operand<T> q = typed(inputs.get(0));
    Operand<T> k = typed(inputs.get(1));
    Operand<T> v = typed(inputs.get(2));
    Operand<TInt32> positions = inputs.get(3).asOutput().expect(TInt32.class);
    Operand<T> out = typed(inputs.get(4));
    Operand<TFloat32> logSumExp = inputs.get(5).asOutput().expect(TFloat32.class);

    Operand<TFloat32> dot =
        tf.sum(
            tf.math.mul(Scalars.toFloat32(tf, dOut), Scalars.toFloat32(tf, out)),
            tf.constant(-1),
            Sum.keepDims(true));

    int rows = layout.spec().groups() * layout.size();
    int size = layout.size();
    int headDim = layout.spec().headDim();
    List<Operand<TFloat32>> dQueries = new ArrayList<>();
    List<Operand<TFloat32>> dKeys = new ArrayList<>();
    List<Operand<TFloat32>> dValues = new ArrayList<>();
    Running active = null;
    for (int j = 0; j < layout.diagonals(); j++) {
      int pairs = layout.pairs(j);
      Operand<T> qs = layout.slice(tf, q, j, pairs, rows, headDim);
      Operand<T> ks = layout.slice(tf, k, 0, pairs, size, headDim);
      Operand<T> vs = layout.slice(tf, v, 0, pairs, size, headDim);
      Operand<T> dOuts = layout.slice(tf, dOut, j, pairs, rows, headDim);
      Running before = null;
      if (active != null) {
        Operand<?>[] earlier = {active.dQueries(), active.dKeys(), active.dValues()};
        qs = OrderingBarrier.after(tf, qs, layout.shape(pairs, rows, headDim), earlier);
        dOuts = OrderingBarrier.after(tf, dOuts, layout.shape(pairs, rows, headDim), earlier);
        dQueries.addLast(layout.slice(tf, active.dQueries(), 0, 1, rows, headDim));
        dKeys.addFirst(layout.slice(tf, active.dKeys(), pairs, 1, size, headDim));
        dValues.addFirst(layout.slice(tf, active.dValues(), pairs, 1, size, headDim));
        before =
            new Running(
                layout.slice(tf, active.dQueries(), 1, pairs, rows, headDim),
                layout.slice(tf, active.dKeys(), 0, pairs, size, headDim),
                layout.slice(tf, active.dValues(), 0, pairs, size, headDim));
      }
      Running here =
          diagonal(
              tf,
              j,
              positions,
              new Pairs<>(qs, ks, vs, dOuts),
              layout.slice(tf, logSumExp, j, pairs, rows, 1),
              layout.slice(tf, dot, j, pairs, rows, 1));
      active =
          before == null
              ? here
              : new Running(
                  tf.math.add(before.dQueries(), here.dQueries()),
                  tf.math.add(before.dKeys(), here.dKeys()),
                  tf.math.add(before.dValues(), here.dValues()));
    }
    dQueries.addLast(active.dQueries());
    dKeys.addFirst(active.dKeys());
    dValues.addFirst(active.dValues());
    return List.of(
        Scalars.cast(tf, BlockwiseForward.concat(tf, dQueries), type),
        Scalars.cast(tf, BlockwiseForward.concat(tf, dKeys), type),
        Scalars.cast(tf, BlockwiseForward.concat(tf, dValues), type));
  }

  private record Pairs<T extends TFloating>(
      Operand<T> q, Operand<T> k, Operand<T> v, Operand<T> dOut) {}

  private Running diagonal(
      Ops tf,
      int j,
      Operand<TInt32> positions,
      Pairs<T> pairs,
      Operand<TFloat32> logSumExp,
      Operand<TFloat32> dot) {
    AttentionSpec spec = layout.spec();
    DiagonalScores scores = DiagonalScores.of(tf, layout, type, j, positions, pairs.q(), pairs.k());
    Operand<T> probabilities =
        Scalars.cast(
            tf, scores.visibleOnly(tf, tf.math.exp(tf.math.sub(scores.capped(), logSumExp))), type);
    Operand<TFloat32> dProbabilities =
        Scalars.toFloat32(tf, Heads.productTransposed(tf, type, pairs.dOut(), pairs.v()));
    Operand<TFloat32> dCapped =
        tf.math.mul(Scalars.toFloat32(tf, probabilities), tf.math.sub(dProbabilities, dot));
    Operand<T> dScores =
        Scalars.cast(
            tf,
            tf.math.mul(
                spec.softcap().backward(tf, scores.capped(), dCapped),
                tf.constant((float) spec.scale())),
            type);
    return new Running(
        Scalars.toFloat32(tf, Heads.product(tf, type, dScores, pairs.k())),
        Scalars.toFloat32(tf, Heads.transposedProduct(tf, type, dScores, pairs.q())),
        Scalars.toFloat32(tf, Heads.transposedProduct(tf, type, probabilities, pairs.dOut())));
  }

  private Operand<T> typed(Operand<?> operand) {
    return operand.asOutput().expect(type);
  }
}
