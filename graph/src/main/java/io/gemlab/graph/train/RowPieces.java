package io.gemlab.graph.train;

import io.gemlab.graph.base.input.InvalidInput;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * Rows cut into pieces of as many positions each, so that a loop takes one after the other. They
 * cut each row and not the batch, which a mesh cuts.
 *
 * <p>Letters: B rows, T positions of each, P pieces, S positions of a piece.
 */
final class RowPieces {
  private RowPieces() {}

  /**
   * @throws InvalidInput if there is no piece
   */
  static void requirePositive(int pieces) {
    if (pieces < 1) {
      throw new InvalidInput("the loss is cut into %d pieces; give 1 or more".formatted(pieces));
    }
  }

  /**
   * @param length T
   * @throws InvalidInput if the pieces don't divide the positions of a row
   */
  static void requireDivides(int pieces, int length) {
    if (length % pieces != 0) {
      throw new InvalidInput(
          "rows of %d tokens can't be cut into %d pieces for the loss; give a number that divides them"
              .formatted(length, pieces));
    }
  }

  /** [B, T, ...] to [P, B, S, ...]. */
  static <X extends TNumber> Operand<X> cut(Ops tf, Operand<X> x, int pieces) {
    long[] shape = x.shape().asArray();
    long[] cut = new long[shape.length + 1];
    cut[0] = shape[0];
    cut[1] = pieces;
    cut[2] = shape[1] / pieces;
    System.arraycopy(shape, 2, cut, 3, shape.length - 2);
    return swapped(tf, x, cut);
  }

  /** [P, B, S, ...] to [B, T, ...]. */
  static <X extends TNumber> Operand<X> joined(Ops tf, Operand<X> x) {
    long[] shape = x.shape().asArray();
    long[] joined = new long[shape.length - 1];
    joined[0] = shape[1];
    joined[1] = shape[0] * shape[2];
    System.arraycopy(shape, 3, joined, 2, shape.length - 3);
    return tf.reshape(swapped(tf, x, shape), tf.constant(joined));
  }

  /** {@code x} as {@code shape}, with its first two dimensions in the other order. */
  private static <X extends TNumber> Operand<X> swapped(Ops tf, Operand<X> x, long... shape) {
    int[] order = new int[shape.length];
    for (int axis = 0; axis < order.length; axis++) order[axis] = axis < 2 ? 1 - axis : axis;
    return tf.linalg.transpose(tf.reshape(x, tf.constant(shape)), tf.constant(order));
  }
}
