package io.gemlab.ops.attention;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
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
 * <p>A row's real positions must grow from one index to the next, by one within a text; where they
 * start is free. Texts that share a row and don't see each other ({@link #ofDocuments}) stand
 * further apart than a row is long, and no query sees that far.
 *
 * <p>In rows of branches ({@link #ofBranches}) positions tell how far tokens are apart, and no
 * more: who sees whom is said by their places in the row.
 *
 * @param queryPositions_BT [B, T]
 * @param keyPositions_BS [B, S]
 * @param reach the window of a layer that has none; empty for all positions before the query's
 * @param ends_BS of rows of branches: the place in its row from which on a key is seen no more
 */
public record AttentionMask(
    Operand<TInt32> queryPositions_BT,
    Operand<TInt32> keyPositions_BS,
    OptionalInt reach,
    Optional<Operand<TInt32>> ends_BS) {
  /** The longest row of documents: beyond it places would overflow int32. */
  public static final int LONGEST_OF_DOCUMENTS = (1 << 15) - 1;

  /** Attention whose layers without a window see all before them. */
  public AttentionMask(Operand<TInt32> queryPositions_BT, Operand<TInt32> keyPositions_BS) {
    this(queryPositions_BT, keyPositions_BS, OptionalInt.empty(), Optional.empty());
  }

  /** Self-attention over whole rows. */
  public static AttentionMask of(Operand<TInt32> positions_BT) {
    return new AttentionMask(positions_BT, positions_BT);
  }

  /**
   * Self-attention within the documents of rows, each of which sees itself alone.
   *
   * <p>Document d, counted from 1, is moved by 2dT: its first token is then T or more behind the
   * last of the document before, and the reach is T.
   *
   * @param positions_BT where each token stands in its document, below 0 for padding
   * @param documents_BT the number of its document, which grows along a row; 0 for padding
   * @throws IllegalArgumentException if T is over {@link #LONGEST_OF_DOCUMENTS}, or not known
   */
  public static AttentionMask ofDocuments(
      Ops tf, Operand<TInt32> positions_BT, Operand<TInt32> documents_BT) {
    long length = positions_BT.shape().get(1);
    if (length < 0 || length > LONGEST_OF_DOCUMENTS) {
      throw new IllegalArgumentException(
          "rows of documents have %d positions; give 1 to %d"
              .formatted(length, LONGEST_OF_DOCUMENTS));
    }
    int reach = Math.toIntExact(length);
    Operand<TInt32> places_BT =
        tf.math.add(positions_BT, tf.math.mul(documents_BT, tf.constant(2 * reach)));
    return new AttentionMask(places_BT, places_BT, OptionalInt.of(reach), Optional.empty());
  }

  /**
   * Self-attention of texts that share beginnings, each of which stands in its row once: a row is a
   * tree of tokens, written depth first. So what a token's descendants are is a stretch of the row
   * behind it, and a token sees itself and its ancestors.
   *
   * @param positions_BT where each token stands in its texts: its depth
   * @param ends_BT the place in the row, from 0, behind the last of a token's descendants; 0 for
   *     padding
   */
  public static AttentionMask ofBranches(Operand<TInt32> positions_BT, Operand<TInt32> ends_BT) {
    return new AttentionMask(positions_BT, positions_BT, OptionalInt.empty(), Optional.of(ends_BT));
  }

  /** Whether queries and keys are the same tokens. */
  boolean isSelfAttention() {
    return queryPositions_BT.asOutput().equals(keyPositions_BS.asOutput());
  }

  /** How far a query of a layer with this window sees. */
  OptionalInt within(OptionalInt window) {
    if (window.isEmpty() || reach.isEmpty()) return window.isEmpty() ? reach : window;
    return OptionalInt.of(Math.min(window.getAsInt(), reach.getAsInt()));
  }

  /**
   * The mask as a matrix.
   *
   * @return [B, T, S], true where the query sees the key
   */
  public Operand<TBool> visible(Ops tf, OptionalInt window) {
    Operand<TInt32> query_BT1 = tf.expandDims(queryPositions_BT, tf.constant(-1));
    Operand<TInt32> key_B1S = tf.expandDims(keyPositions_BS, tf.constant(-2));
    if (ends_BS.isEmpty()) return visible(tf, query_BT1, key_B1S, within(window));
    Operand<TBool> seen = inBranch(tf, ends_BS.get());
    return window.isEmpty()
        ? seen
        : tf.math.logicalAnd(
            seen, tf.math.less(tf.math.sub(query_BT1, key_B1S), tf.constant(window.getAsInt())));
  }

  private static Operand<TBool> inBranch(Ops tf, Operand<TInt32> ends_BT) {
    int length = Math.toIntExact(ends_BT.shape().get(1));
    Operand<TInt32> places_T = tf.constant(IntStream.range(0, length).toArray());
    Operand<TInt32> places_T1 = tf.expandDims(places_T, tf.constant(-1));
    return tf.math.logicalAnd(
        tf.math.lessEqual(places_T, places_T1),
        tf.math.less(places_T1, tf.expandDims(ends_BT, tf.constant(-2))));
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
