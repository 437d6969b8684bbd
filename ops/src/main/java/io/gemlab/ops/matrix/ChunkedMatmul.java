package io.gemlab.ops.matrix;

import io.gemlab.ops.OrderingBarrier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * Products with a large matrix some of its rows at a time, one piece after the other, so that what
 * is unpacked for a product is never the whole matrix. A vocabulary's 256,000 x 2304 would take 1.2
 * GB in bfloat16.
 */
final class ChunkedMatmul {
  /** Bytes of a matrix, as it is kept, that are unpacked at once. */
  private static final long LARGEST = 1 << 24;

  private ChunkedMatmul() {}

  /**
   * Rows of a matrix.
   *
   * @param first the first
   * @param count how many
   * @param all how many the matrix has
   * @param earlier what must be there first
   */
  record Rows(long first, long count, long all, Operand<?> earlier) {

    /** These rows of something that has as many rows as the matrix, [O, ...]. */
    <X extends TType> Operand<X> of(Ops tf, Operand<X> whole) {
      long[] begin = new long[whole.shape().numDimensions()];
      long[] extent = whole.shape().asArray();
      begin[0] = first;
      extent[0] = count;
      Operand<X> inTurn = OrderingBarrier.after(tf, whole, whole.shape(), earlier);
      return count == all ? inTurn : tf.slice(inTurn, tf.constant(begin), tf.constant(extent));
    }
  }

  /**
   * A product as pieces beside each other.
   *
   * @param values_OJ the matrix as it is kept
   * @param x_MI what is multiplied; nothing is unpacked before it is there, or a session would
   *     unpack all of a model's matrices as soon as it starts
   * @param piece multiplies by some rows: to [M, rows]
   * @return [M, O]
   */
  static <T extends TFloating> Operand<T> product(
      Ops tf, Operand<?> values_OJ, Operand<T> x_MI, BiFunction<Ops, Rows, Operand<T>> piece) {
    long all = values_OJ.shape().get(0);
    long each = Math.max(1, LARGEST / values_OJ.shape().get(1));
    List<Operand<T>> products = new ArrayList<>();
    for (long first = 0; first < all; first += each) {
      Operand<T> earlier = products.isEmpty() ? x_MI : products.getLast();
      Rows rows = new Rows(first, Math.min(each, all - first), all, earlier);
      products.add(piece.apply(tf.withSubScope("piece" + products.size()), rows));
    }
    return products.size() == 1 ? products.getFirst() : tf.concat(products, tf.constant(1));
  }
}
