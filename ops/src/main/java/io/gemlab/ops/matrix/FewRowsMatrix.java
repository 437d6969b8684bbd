package io.gemlab.ops.matrix;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.kernel.RowProduct;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A matrix that multiplies few rows with {@link RowProduct}'s kernels where there is one, and
 * everything else as {@code matrix} does. For sessions on a CPU: XLA doesn't know the kernels.
 */
public record FewRowsMatrix(Matrix matrix) implements Matrix {
  @Override
  public <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x_MI) {
    if (!RowProduct.pays(x_MI)) return matrix.product(tf, x_MI);
    return switch (matrix) {
      case DenseMatrix dense when dense.weight_OI().type() == x_MI.type() ->
          RowProduct.dense(tf, x_MI, dense.weight_OI().asOutput().expect(x_MI.type()));
      case Int8Matrix int8 ->
          RowProduct.int8(tf, x_MI, int8.values_OI(), narrow(tf, int8.scales_O1()));
      case Int4Matrix int4 ->
          RowProduct.int4(tf, x_MI, int4.values_OJ(), narrow(tf, int4.scales_OB()));
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
