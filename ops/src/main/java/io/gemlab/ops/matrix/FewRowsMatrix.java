package io.gemlab.ops.matrix;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.kernel.RowProduct;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/**
 * A matrix that multiplies few rows with {@link RowProduct}'s kernels where there is one, and
 * everything else as {@code matrix} does. For sessions on a CPU: XLA doesn't know the kernels.
 */
public record FewRowsMatrix(Matrix matrix) implements Matrix {
  @Override
  public <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x_MI) {
    return switch (matrix) {
      case DenseMatrix(Operand<? extends TFloating> weight_OI)
          when RowProduct.paysForDense(x_MI) && weight_OI.type() == x_MI.type() ->
          RowProduct.dense(tf, x_MI, weight_OI.asOutput().expect(x_MI.type()));
      case Int8Matrix(Operand<TUint8> values_OI, Operand<? extends TFloating> scales_O1)
          when RowProduct.paysForQuantized(x_MI) ->
          RowProduct.int8(tf, x_MI, values_OI, narrow(tf, scales_O1));
      case Int4Matrix(Operand<TUint8> values_OJ, Operand<? extends TFloating> scales_OB)
          when RowProduct.paysForQuantized(x_MI) ->
          RowProduct.int4(tf, x_MI, values_OJ, narrow(tf, scales_OB));
      default -> matrix.product(tf, x_MI);
    };
  }

  private static Operand<TBfloat16> narrow(Ops tf, Operand<? extends TFloating> scales) {
    return Scalars.cast(tf, scales, TBfloat16.class);
  }

  @Override
  public <T extends TFloating> Operand<T> rows(Ops tf, Operand<TInt32> ids, Class<T> type) {
    return matrix.rows(tf, ids, type);
  }
}
