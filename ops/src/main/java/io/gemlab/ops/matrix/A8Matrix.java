package io.gemlab.ops.matrix;

import io.gemlab.ops.Kernel;
import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A quantized matrix whose products round what is multiplied to 8 bits too, row by row: {@code y[m,
 * o] = largest[m] / 127 * (sum over i of a[m, i] * W[o, i])}, where {@code a = round(127 * x /
 * largest)}, ties to even, and {@code largest} is the row's largest magnitude.
 *
 * <p>Sums of these ops are those of the type of x; a kernel's sums of integers are exact, of a
 * whole row where it has one scale, else of each block, and its value is rounded once.
 *
 * @param weights W
 */
public record A8Matrix(QuantizedMatrix weights) implements Matrix {
  /** The largest magnitude of a rounded activation. */
  public static final int LARGEST = 127;

  /** A power of two above it. */
  private static final float ONE = 128;

  @Override
  public <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x_MI) {
    Class<T> type = x_MI.type();
    Operand<TFloat32> wide_MI = Scalars.toFloat32(tf, x_MI);
    Operand<TFloat32> largest_M1 =
        tf.reduceMax(tf.math.abs(wide_MI), tf.constant(1), ReduceMax.keepDims(true));
    Operand<TFloat32> rounded_MI =
        tf.math.rint(
            tf.math.mul(wide_MI, tf.math.divNoNan(tf.constant((float) LARGEST), largest_M1)));
    // Not the integers themselves: sums of their products are too large for float16.
    Operand<TFloat32> fractions_MI = tf.math.mul(rounded_MI, tf.constant(1 / ONE));
    Operand<T> sums_MO = weights.unmarkedProduct(tf, Scalars.cast(tf, fractions_MI, type));
    Operand<T> y_MO =
        Scalars.cast(
            tf,
            tf.math.mul(
                Scalars.toFloat32(tf, sums_MO),
                tf.math.mul(largest_M1, tf.constant(ONE / LARGEST))),
            type);
    return switch (weights) {
      case Int8Matrix(var values, var scales) when FewRows.known(x_MI, scales) ->
          Kernel.W8A8_PRODUCT.mark(tf, y_MO, x_MI, values, scales);
      case Int4Matrix(var values, var scales) when FewRows.known(x_MI, scales) ->
          Kernel.W4A8_PRODUCT.mark(tf, y_MO, x_MI, values, scales);
      case Int8Matrix any -> y_MO;
      case Int4Matrix any -> y_MO;
    };
  }

  @Override
  public <T extends TFloating> Operand<T> rows(Ops tf, Operand<TInt32> ids, Class<T> type) {
    return weights.rows(tf, ids, type);
  }
}
