package io.gemlab.ops.attention;

import java.util.OptionalInt;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;

/**
 * Who sees whom, by position.
 *
 * <p>A query at position p sees a key at position s iff {@code 0 <= p - s}, and {@code p - s <
 * window} where there is a window, and {@code s} is not padding. Padding is any position below 0,
 * on either side of a row, and in cache slots not yet written. This is causal, sliding and padding
 * mask in one, and it comes from inputs: a mask from constants would be folded into a compiled
 * program.
 *
 * <p>A row's real positions must grow by one from one index to the next; where they start is free.
 *
 * @param queryPositions_BT [B, T]
 * @param keyPositions_BS [B, S]
 */
public record AttentionMask(Operand<TInt32> queryPositions_BT, Operand<TInt32> keyPositions_BS) {

  /** Self-attention over whole rows. */
  public static AttentionMask of(Operand<TInt32> positions_BT) {
    return new AttentionMask(positions_BT, positions_BT);
  }

  /** Whether queries and keys are the same tokens. */
  boolean isSelfAttention() {
    return queryPositions_BT.asOutput().equals(keyPositions_BS.asOutput());
  }

  /**
   * The mask as a matrix.
   *
   * @return [B, T, S], true where the query sees the key
   */
  public Operand<TBool> visible(Ops tf, OptionalInt window) {
    return visible(
        tf,
        tf.expandDims(queryPositions_BT, tf.constant(-1)),
        tf.expandDims(keyPositions_BS, tf.constant(-2)),
        window);
  }

  /** The rule itself, on positions of any shapes that broadcast against each other. */
  static Operand<TBool> visible(
      Ops tf, Operand<TInt32> query, Operand<TInt32> key, OptionalInt window) {
    Operand<TInt32> distance = tf.math.sub(query, key);
    Operand<TBool> seen =
        tf.math.logicalAnd(
            tf.math.greaterEqual(distance, tf.constant(0)),
            tf.math.greaterEqual(key, tf.constant(0)));
    return window.isEmpty()
        ? seen
        : tf.math.logicalAnd(seen, tf.math.less(distance, tf.constant(window.getAsInt())));
  }
}
