package io.gemlab.ops.embedding;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.matrix.Matrix;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * One table for both ends of the model: rows looked up by token, and the scores of all tokens.
 *
 * @param <T> the type the model computes in
 */
public final class TiedEmbedding<T extends TFloating> {
  private final Matrix table_VD;
  private final Class<T> type;

  /**
   * @param table_VD [V, D]
   * @param type the type to compute in
   */
  public TiedEmbedding(Matrix table_VD, Class<T> type) {
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
    return tf.math.mul(table_VD.rows(tf, ids_BT, type), Scalars.of(tf, type, scale));
  }

  /**
   * The uncapped score of every token of the vocabulary.
   *
   * @param x_MD [M, D]
   * @return [M, V]
   */
  public Operand<T> logits(Ops tf, Operand<T> x_MD) {
    return table_VD.product(tf, x_MD);
  }
}
