package io.gemlab.ops.attention;

import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The scores of one diagonal's pairs of blocks, scaled and capped, and who sees whom among them.
 *
 * @param layout the blocks
 * @param pairs how many pairs the diagonal has
 * @param capped [pairs, B, K, G * size, size]
 * @param visible [pairs, B, 1, 1, size, size]
 */
record DiagonalScores(
    BlockLayout layout, int pairs, Operand<TFloat32> capped, Operand<TBool> visible) {

  static <T extends TFloating> DiagonalScores of(
      Ops tf,
      BlockLayout layout,
      Class<T> type,
      int diagonal,
      Operand<TInt32> positions,
      Operand<T> q,
      Operand<T> k) {
    AttentionSpec spec = layout.spec();
    Operand<TFloat32> raw = Scalars.toFloat32(tf, Heads.productTransposed(tf, type, q, k));
    Operand<TFloat32> scaled = tf.math.mul(raw, tf.constant((float) spec.scale()));
    return new DiagonalScores(
        layout,
        layout.pairs(diagonal),
        spec.softcap().apply(tf, scaled),
        layout.visible(tf, positions, diagonal));
  }

  /** {@code values}, one a score, with those of hidden scores put to 0. */
  Operand<TFloat32> visibleOnly(Ops tf, Operand<TFloat32> values) {
    return where(tf, values, 0);
  }

  /** The scores with the hidden ones put far below any real score. */
  Operand<TFloat32> masked(Ops tf) {
    return where(tf, capped, ScoreWeights.HIDDEN);
  }

  private Operand<TFloat32> where(Ops tf, Operand<TFloat32> values, float otherwise) {
    AttentionSpec spec = layout.spec();
    int size = layout.size();
    Operand<TFloat32> split =
        Heads.reshape(tf, values, pairs, layout.batch(), spec.kvHeads(), spec.groups(), size, size);
    return Heads.reshape(
        tf,
        tf.select(visible, split, tf.constant(otherwise)),
        pairs,
        layout.batch(),
        spec.kvHeads(),
        (long) spec.groups() * size,
        size);
  }
}
