package io.gemlab.ops.matrix;

import io.gemlab.ops.Kernel;
import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A matrix of floating-point numbers, cast where it is kept in another type than is computed in.
 *
 * @param weight_OI [O, I]
 */
public record DenseMatrix(Operand<? extends TFloating> weight_OI) implements Matrix {
  @Override
  public <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x_MI) {
    Operand<T> y_MO = product(tf, x_MI, Scalars.cast(tf, weight_OI, x_MI.type()));
    if (x_MI.type() != weight_OI.type()) return y_MO;
    if (x_MI.type() == TBfloat16.class) {
      Kernel kernel = FewRows.few(x_MI) ? Kernel.PRODUCT : Kernel.PACKED_PRODUCT;
      return kernel.mark(tf, y_MO, x_MI, weight_OI);
    }
    return x_MI.type() == TFloat32.class
        ? Kernel.PACKED_PRODUCT.mark(tf, y_MO, x_MI, weight_OI)
        : y_MO;
  }

  /** {@code x W^T}, unmarked: for products that are a part of a larger one. */
  static <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x_MI, Operand<T> weight_OI) {
    return tf.linalg.matMul(x_MI, weight_OI, MatMul.transposeB(true));
  }

  @Override
  public <T extends TFloating> Operand<T> rows(Ops tf, Operand<TInt32> ids, Class<T> type) {
    return Scalars.cast(tf, tf.gather(weight_OI, ids, tf.constant(0)), type);
  }
}
