package io.gemlab.ops.embedding;

import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * One table for both ends of the model: rows looked up by token, and the scores of all tokens.
 *
 * @param <T> the type the model computes in
 */
public final class TiedEmbedding<T extends TFloating> {
  private final Operand<? extends TFloating> table_VD;
  private final Class<T> type;

  /**
   * @param table_VD [V, D], any floating-point type
   * @param type the type to compute in
   */
  public TiedEmbedding(Operand<? extends TFloating> table_VD, Class<T> type) {
    this.table_VD = table_VD;
    this.type = type;
  }

  /**
   * The rows of some tokens times {@code scale}, which is rounded to the type computed in first (as
   * Hugging Face does: sqrt(3584) is 59.75 in bfloat16).
   *
   * @param ids_BT [B, T], each in [0, V)
   * @return [B, T, D]
   */
  public Operand<T> lookup(Ops tf, Operand<TInt32> ids_BT, double scale) {
    Operand<? extends TFloating> rows_BTD = tf.gather(table_VD, ids_BT, tf.constant(0));
    return tf.math.mul(Scalars.cast(tf, rows_BTD, type), Scalars.of(tf, type, scale));
  }

  /**
   * The uncapped score of every token of the vocabulary.
   *
   * @param x_MD [M, D]
   * @return [M, V]
   */
  public Operand<T> logits(Ops tf, Operand<T> x_MD) {
    return tf.linalg.matMul(x_MD, Scalars.cast(tf, table_VD, type), MatMul.transposeB(true));
  }
}
