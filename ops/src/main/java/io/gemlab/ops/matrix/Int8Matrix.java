package io.gemlab.ops.matrix;

import io.gemlab.ops.Kernel;
import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/**
 * A matrix of 8-bit integers with a scale a row: {@code W[o, i] = scale[o] * q[o, i] / 128}.
 *
 * <p>Only the weights are integers: products are computed in the type of what is multiplied. There
 * q is exact, bfloat16 included, and the scale comes after the sum.
 *
 * @param values_OI q of [-127, 127] in two's complement, uint8 since TensorFlow Java has no int8
 *     tensors, [O, I]
 * @param scales_O1 any floating-point type, [O, 1]
 */
public record Int8Matrix(Operand<TUint8> values_OI, Operand<? extends TFloating> scales_O1)
    implements QuantizedMatrix {
  /** What integers are divided by. */
  public static final int ONE = 128;

  @Override
  public <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x_MI) {
    return FewRows.mark(
        tf,
        Kernel.INT8_PRODUCT,
        Kernel.INT8_UNPACKED_PRODUCT,
        unmarkedProduct(tf, x_MI),
        x_MI,
        values_OI,
        scales_O1);
  }

  @Override
  public <T extends TFloating> Operand<T> unmarkedProduct(Ops tf, Operand<T> x_MI) {
    Class<T> type = x_MI.type();
    Operand<T> small_MI = tf.math.mul(x_MI, Scalars.of(tf, type, 1.0 / ONE));
    return ChunkedMatmul.product(
        tf,
        values_OI,
        x_MI,
        (here, rows) ->
            here.math.mul(
                DenseMatrix.product(
                    here, small_MI, PackedInts.toFloats(here, rows.of(here, values_OI), type)),
                here.reshape(
                    Scalars.cast(here, rows.of(here, scales_O1), type),
                    here.constant(new int[] {1, -1}))));
  }

  @Override
  public <T extends TFloating> Operand<T> rows(Ops tf, Operand<TInt32> ids, Class<T> type) {
    Operand<T> values = PackedInts.toFloats(tf, tf.gather(values_OI, ids, tf.constant(0)), type);
    Operand<T> scales = Scalars.cast(tf, tf.gather(scales_O1, ids, tf.constant(0)), type);
    return tf.math.mul(tf.math.mul(values, Scalars.of(tf, type, 1.0 / ONE)), scales);
  }
}
