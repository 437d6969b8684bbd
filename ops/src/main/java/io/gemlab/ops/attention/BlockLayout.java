package io.gemlab.ops.attention;

import io.gemlab.ops.Padding;
import java.util.OptionalInt;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * Self-attention cut into blocks of positions, and which pairs of blocks meet.
 *
 * <p>Query block i meets key block i - j on <em>diagonal</em> j. A diagonal is one batched product
 * over all its pairs: diagonal j pairs the query blocks from j on with as many key blocks from the
 * first on. Causality leaves diagonals 0 and up; a window of W leaves those up to ceil((W - 1) /
 * size). So there are few products, all large, and no pair outside the band is ever computed.
 *
 * <p>Blocks come first in memory: {@code [blocks, B, K, rows, H]}, so that a run of blocks is a
 * slice of the first axis, which copies nothing. Batch and heads stay axes of their own, so that a
 * partitioner can cut them over devices.
 *
 * @param spec what to attend
 * @param batch B
 * @param length T, positions in a row, without the padding that fills the last block
 * @param size positions in a block
 */
record BlockLayout(AttentionSpec spec, int batch, int length, int size) {

  /** Blocks in a row. */
  int blocks() {
    return Math.ceilDiv(length, size);
  }

  /** Diagonals that the band touches. */
  int diagonals() {
    return spec.window().isEmpty()
        ? blocks()
        : Math.min(blocks(), Math.ceilDiv(spec.window().getAsInt() - 1, size) + 1);
  }

  /** Pairs of blocks on a diagonal. */
  int pairs(int diagonal) {
    return blocks() - diagonal;
  }

  /** [B, T, N, H] to [blocks, B, K, G * size, H]. */
  <T extends TType> Operand<T> queries(Ops tf, Operand<T> x_BTNH) {
    Operand<T> split =
        Heads.reshape(
            tf,
            padded(tf, x_BTNH),
            batch,
            blocks(),
            size,
            spec.kvHeads(),
            spec.groups(),
            spec.headDim());
    return Heads.reshape(
        tf,
        Heads.transpose(tf, split, 1, 0, 3, 4, 2, 5),
        blocks(),
        batch,
        spec.kvHeads(),
        (long) spec.groups() * size,
        spec.headDim());
  }

  /** [blocks, B, K, G * size, H] back to [B, T, N, H]. */
  <T extends TType> Operand<T> rows(Ops tf, Operand<T> x) {
    Operand<T> split =
        Heads.reshape(tf, x, blocks(), batch, spec.kvHeads(), spec.groups(), size, spec.headDim());
    Operand<T> merged =
        Heads.reshape(
            tf,
            Heads.transpose(tf, split, 1, 0, 4, 2, 3, 5),
            batch,
            (long) blocks() * size,
            spec.heads(),
            spec.headDim());
    if (length == blocks() * size) return merged;
    return tf.slice(
        merged,
        tf.constant(new int[] {0, 0, 0, 0}),
        tf.constant(new int[] {batch, length, spec.heads(), spec.headDim()}));
  }

  /** [B, T, K, H] to [blocks, B, K, size, H]. */
  <T extends TType> Operand<T> keys(Ops tf, Operand<T> x_BTKH) {
    Operand<T> split =
        Heads.reshape(
            tf, padded(tf, x_BTKH), batch, blocks(), size, spec.kvHeads(), spec.headDim());
    return Heads.transpose(tf, split, 1, 0, 3, 2, 4);
  }

  /** Positions [B, T] to [blocks, B, size]; what fills the last block is padding. */
  Operand<TInt32> positions(Ops tf, Operand<TInt32> positions_BT) {
    int missing = blocks() * size - length;
    Operand<TInt32> whole =
        missing == 0
            ? positions_BT
            : tf.pad(
                positions_BT,
                tf.constant(new int[][] {{0, 0}, {0, missing}}),
                tf.constant(Padding.POSITION));
    return Heads.transpose(tf, Heads.reshape(tf, whole, batch, blocks(), size), 1, 0, 2);
  }

  /** Who sees whom in the pairs of a diagonal: [pairs, B, 1, 1, size, size]. */
  Operand<TBool> visible(Ops tf, Operand<TInt32> positions, int diagonal) {
    int pairs = pairs(diagonal);
    int[] whole = {pairs, batch, size};
    Operand<TInt32> query =
        tf.slice(positions, tf.constant(new int[] {diagonal, 0, 0}), tf.constant(whole));
    Operand<TInt32> key = tf.slice(positions, tf.constant(new int[] {0, 0, 0}), tf.constant(whole));
    OptionalInt window = spec.window();
    return AttentionMask.visible(
        tf,
        Heads.reshape(tf, query, pairs, batch, 1, 1, size, 1),
        Heads.reshape(tf, key, pairs, batch, 1, 1, 1, size),
        window);
  }

  /** {@code count} blocks from block {@code first} on, of [blocks, B, K, rows, width]. */
  <T extends TType> Operand<T> slice(
      Ops tf, Operand<T> x, int first, int count, int rows, int width) {
    return tf.slice(
        x,
        tf.constant(new int[] {first, 0, 0, 0, 0}),
        tf.constant(new int[] {count, batch, spec.kvHeads(), rows, width}));
  }

  /** What {@link #slice} gives of {@code count} blocks. */
  Shape shape(int count, int rows, int width) {
    return Shape.of(count, batch, spec.kvHeads(), rows, width);
  }

  private <T extends TType> Operand<T> padded(Ops tf, Operand<T> x) {
    int missing = blocks() * size - length;
    if (missing == 0) return x;
    Operand<T> zero = tf.dtypes.cast(tf.constant(0f), x.type());
    return tf.pad(x, tf.constant(new int[][] {{0, 0}, {0, missing}, {0, 0}, {0, 0}}), zero);
  }
}
