package io.gemlab.ops.matrix;

import io.gemlab.ops.RowKernel;
import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/**
 * An {@link Int8Matrix} whose products round what is multiplied to 8 bits too, row by row: {@code
 * y[m, o] = largest[m] * scale[o] * (sum over i of a[m, i] * q[o, i]) / 127 / 128}, where {@code a
 * = round(127 * x / largest)}, ties to even, and {@code largest} is the row's largest magnitude.
 *
 * <p>Sums of these ops are those of the type of x; a kernel's are int32 and exact, and its value is
 * rounded once.
 *
 * @param values_OI q of [-127, 127] in two's complement, [O, I]
 * @param scales_O1 any floating-point type, [O, 1]
 */
public record W8A8Matrix(Operand<TUint8> values_OI, Operand<? extends TFloating> scales_O1)
    implements Matrix {
  /** The largest magnitude of a rounded activation. */
  public static final int LARGEST = 127;

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
    Operand<TFloat32> fractions_MI = tf.math.mul(rounded_MI, tf.constant(1f / Int8Matrix.ONE));
    Operand<T> sums_MO = matrix().unmarkedProduct(tf, Scalars.cast(tf, fractions_MI, type));
    Operand<T> y_MO =
        Scalars.cast(
            tf,
            tf.math.mul(
                Scalars.toFloat32(tf, sums_MO),
                tf.math.mul(largest_M1, tf.constant((float) Int8Matrix.ONE / LARGEST))),
            type);
    return FewRows.known(x_MI, scales_O1)
        ? RowKernel.W8A8_PRODUCT.mark(tf, y_MO, x_MI, values_OI, scales_O1)
        : y_MO;
  }

  @Override
  public <T extends TFloating> Operand<T> rows(Ops tf, Operand<TInt32> ids, Class<T> type) {
    return matrix().rows(tf, ids, type);
  }

  private Int8Matrix matrix() {
    return new Int8Matrix(values_OI, scales_O1);
  }
}
