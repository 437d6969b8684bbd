package io.gemlab.ops;

import java.util.function.BiFunction;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceMin;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** How rows are reduced, [M, V] to [M, 1]. */
public enum RowReduction {
  /** As a compiler likes. */
  PLAIN {
    @Override
    <T extends TNumber> Operand<T> reduced(
        Operand<T> x_MV, Ops tf, BiFunction<Operand<T>, Integer, Operand<T>> along) {
      return along.apply(x_MV, 1);
    }
  },

  /**
   * For a CPU: its programs of XLA's (TensorFlow 2.18) reduce an innermost axis value by value, and
   * any other many values at once. So a row whose length allows it becomes a matrix, which is
   * reduced down its columns first: a third of the time for a vocabulary of 262,144. A sum is the
   * more exact for it.
   */
  BY_COLUMNS {
    @Override
    <T extends TNumber> Operand<T> reduced(
        Operand<T> x_MV, Ops tf, BiFunction<Operand<T>, Integer, Operand<T>> along) {
      long length = x_MV.shape().get(1);
      if (length <= COLUMNS || length % COLUMNS != 0) return along.apply(x_MV, 1);
      long[] matrices = {-1, length / COLUMNS, COLUMNS};
      Operand<T> columns = along.apply(tf.reshape(x_MV, tf.constant(matrices)), 1);
      return along.apply(tf.reshape(columns, tf.constant(new long[] {-1, COLUMNS})), 1);
    }
  };

  private static final int COLUMNS = 64;

  /**
   * @param along reduces an axis, which stays with length 1
   */
  abstract <T extends TNumber> Operand<T> reduced(
      Operand<T> x_MV, Ops tf, BiFunction<Operand<T>, Integer, Operand<T>> along);

  /** The largest of each row; NaN may be lost. */
  public <T extends TNumber> Operand<T> max(Ops tf, Operand<T> x_MV) {
    return reduced(
        x_MV, tf, (x, axis) -> tf.reduceMax(x, tf.constant(axis), ReduceMax.keepDims(true)));
  }

  /** The sum of each row. */
  public <T extends TNumber> Operand<T> sum(Ops tf, Operand<T> x_MV) {
    return reduced(x_MV, tf, (x, axis) -> tf.sum(x, tf.constant(axis), Sum.keepDims(true)));
  }

  /**
   * Where a value of each row first stands, int32 [M, 1]; V where it doesn't.
   *
   * @param value_M1 such as its largest
   */
  public <T extends TNumber> Operand<TInt32> firstPlace(
      Ops tf, Operand<T> x_MV, Operand<T> value_M1) {
    int length = Math.toIntExact(x_MV.shape().get(1));
    Operand<TInt32> places_V = tf.range(tf.constant(0), tf.constant(length), tf.constant(1));
    Operand<TInt32> found_MV =
        tf.select(tf.math.equal(x_MV, value_M1), places_V, tf.constant(length));
    return reduced(
        found_MV, tf, (x, axis) -> tf.reduceMin(x, tf.constant(axis), ReduceMin.keepDims(true)));
  }
}
