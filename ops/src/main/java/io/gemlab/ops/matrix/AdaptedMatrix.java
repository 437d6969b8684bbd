package io.gemlab.ops.matrix;

import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A matrix with a low-rank product beside it (LoRA), {@code W + scale * B A}. The product is never
 * made: {@code x W^T + scale * (x A^T) B^T}, so that W stays as it is kept, quantized or not.
 *
 * <p>Letters: R the rank.
 *
 * @param base W
 * @param a_RI A, [R, I]
 * @param b_OR B, [O, R]
 * @param scale what B A is multiplied by
 */
public record AdaptedMatrix(
    Matrix base, Operand<? extends TFloating> a_RI, Operand<? extends TFloating> b_OR, double scale)
    implements Matrix {
  @Override
  public <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x_MI) {
    Class<T> type = x_MI.type();
    Ops lora = tf.withSubScope("lora");
    Operand<T> down_MR = DenseMatrix.product(lora, x_MI, Scalars.cast(lora, a_RI, type));
    Operand<T> scaled_MR = lora.math.mul(down_MR, Scalars.of(lora, type, scale));
    Operand<T> up_MO = DenseMatrix.product(lora, scaled_MR, Scalars.cast(lora, b_OR, type));
    return tf.math.add(base.product(tf, x_MI), up_MO);
  }

  /**
   * Not done: rows are asked of an embedding, which has no adapter.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public <T extends TFloating> Operand<T> rows(Ops tf, Operand<TInt32> ids, Class<T> type) {
    throw new UnsupportedOperationException("rows of a matrix with an adapter");
  }
}
