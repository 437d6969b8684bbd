package io.gemlab.ops.matrix;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A weight matrix W of [out, in], as projections and embeddings are stored.
 *
 * <p>Letters: M rows, I in, O out.
 */
public sealed interface Matrix permits DenseMatrix, QuantizedMatrix, A8Matrix, AdaptedMatrix {

  /**
   * {@code x W^T}, marked for a {@link io.gemlab.ops.Kernel} where there is one.
   *
   * @param x_MI [M, I]
   * @return [M, O], in the type of {@code x_MI}
   */
  <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x_MI);

  /**
   * Some rows of W; the others are not touched.
   *
   * @param ids which, any shape, each in [0, O)
   * @return the shape of {@code ids} and I behind it
   */
  <T extends TFloating> Operand<T> rows(Ops tf, Operand<TInt32> ids, Class<T> type);
}
