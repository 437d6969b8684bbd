package io.gemlab.ops.attention;

import io.gemlab.ops.OrderingBarrier;
import io.gemlab.ops.Scalars;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * What attention scores are like before they are capped: {@code scale * q k^T} of every query and
 * every key that it sees. They are taken from queries and keys, so they are the same whatever
 * attention runs, and a few queries at a time, so that no matrix of all scores exists.
 *
 * <p>Precision: the product in the operands' type, all else in float32. A score that is NaN is none
 * of these.
 *
 * @param largest the largest magnitude, a scalar; 0 where no query sees a key
 * @param beyond the share of scores whose magnitude is above the limit, a scalar; 0 without a limit
 */
public record ScoreStatistics(Operand<TFloat32> largest, Operand<TFloat32> beyond) {
  /** How many queries of a row are looked at together. */
  private static final int QUERIES = 128;

  /**
   * Looks at the scores of self-attention over whole rows.
   *
   * @param q_BTNH queries, rotated
   * @param k_BTKH keys, rotated, same type
   * @param limit the magnitude that scores are counted above
   */
  public static <T extends TFloating> ScoreStatistics of(
      Ops tf,
      AttentionSpec spec,
      AttentionMask mask,
      Operand<T> q_BTNH,
      Operand<T> k_BTKH,
      OptionalDouble limit) {
    int length = Math.toIntExact(q_BTNH.shape().get(1));
    Operand<TFloat32> none = tf.constant(0f);
    Operand<TFloat32> largest = none;
    Operand<TFloat32> seen = none;
    Operand<TFloat32> beyond = none;
    for (int from = 0; from < length; from += QUERIES) {
      int to = Math.min(length, from + QUERIES);
      Operand<T> keys = rows(tf, k_BTKH, 0, to); // those behind are in the future
      Operand<T> sliced = rows(tf, q_BTNH, from, to);
      Operand<T> queries = OrderingBarrier.after(tf, sliced, sliced.shape(), largest, beyond);
      AttentionMask here =
          new AttentionMask(
              rows(tf, mask.queryPositions_BT(), from, to),
              rows(tf, mask.keyPositions_BS(), 0, to));
      Operand<TFloat32> magnitudes = magnitudes(tf, spec, queries, keys);
      Operand<TBool> visible_BTS = here.visible(tf, spec.window());
      Operand<TBool> visible =
          Heads.reshape(tf, visible_BTS, q_BTNH.shape().get(0), 1, 1, to - from, to);
      largest =
          tf.math.maximum(
              largest, tf.reduceMax(tf.select(visible, magnitudes, none), axes(tf, magnitudes)));
      Operand<TFloat32> pairs = count(tf, visible);
      seen = tf.math.add(seen, tf.math.mul(pairs, tf.constant((float) spec.heads())));
      if (limit.isPresent()) {
        Operand<TBool> above =
            tf.math.greater(magnitudes, tf.constant((float) limit.getAsDouble()));
        beyond = tf.math.add(beyond, count(tf, tf.math.logicalAnd(above, visible)));
      }
    }
    return new ScoreStatistics(
        largest, tf.math.div(beyond, tf.math.maximum(seen, tf.constant(1f))));
  }

  /** Scaled magnitudes, [B, K, G, T, S]. */
  private static <T extends TFloating> Operand<TFloat32> magnitudes(
      Ops tf, AttentionSpec spec, Operand<T> q_BTNH, Operand<T> k_BSKH) {
    Operand<T> raw_BKQS =
        Heads.productTransposed(
            tf, q_BTNH.type(), Heads.groupQueries(tf, q_BTNH, spec), Heads.keysFirst(tf, k_BSKH));
    Operand<TFloat32> scaled_BKQS =
        tf.math.mul(Scalars.toFloat32(tf, raw_BKQS), tf.constant((float) spec.scale()));
    return Heads.reshape(
        tf,
        tf.math.abs(scaled_BKQS),
        q_BTNH.shape().get(0),
        spec.kvHeads(),
        spec.groups(),
        q_BTNH.shape().get(1),
        k_BSKH.shape().get(1));
  }

  /** How many are true, exact in each block and float32 beyond. */
  private static Operand<TFloat32> count(Ops tf, Operand<TBool> flags) {
    Operand<TInt32> ones = tf.dtypes.cast(flags, TInt32.class);
    return tf.dtypes.cast(tf.sum(ones, axes(tf, flags)), TFloat32.class);
  }

  private static Operand<TInt32> axes(Ops tf, Operand<?> x) {
    return tf.constant(IntStream.range(0, x.shape().numDimensions()).toArray());
  }

  /** A part of the second dimension. */
  private static <X extends TType> Operand<X> rows(Ops tf, Operand<X> x, int from, int to) {
    int[] begin = new int[x.shape().numDimensions()];
    int[] size = new int[begin.length];
    Arrays.fill(size, -1);
    begin[1] = from;
    size[1] = to - from;
    return tf.slice(x, tf.constant(begin), tf.constant(size));
  }
}
