package io.gemlab.ops.attention;

import io.gemlab.ops.kernel.RowProduct;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** Whose products of queries and keys an attention takes. */
public enum Products {
  TENSORFLOW {
    @Override
    <T extends TFloating> Operand<T> transposed(Ops tf, Operand<T> a, Operand<T> b) {
      return Heads.productTransposed(tf, a.type(), a, b);
    }
  },
  /** Kernels of ours where {@code a} has few rows: for sessions on a CPU. */
  ROW_KERNELS {
    @Override
    <T extends TFloating> Operand<T> transposed(Ops tf, Operand<T> a, Operand<T> b) {
      return RowProduct.paysForDense(a)
          ? RowProduct.dense(tf, a, b)
          : TENSORFLOW.transposed(tf, a, b);
    }
  };

  /** {@code a b^T} over the last two axes. */
  abstract <T extends TFloating> Operand<T> transposed(Ops tf, Operand<T> a, Operand<T> b);
}
