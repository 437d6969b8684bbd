package io.gemlab.ops;

import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.NodeDef;

/**
 * A kernel that a path may put where the ops of a value stand: one that computes few rows, bounded
 * by reading weights or a cache once, or multiplies integers, which TensorFlow's products can't.
 *
 * <p>An op whose value a kernel could compute marks the place. The mark is an {@code IdentityN} of
 * the value and the kernel's operands which stands beside the value: nothing reads it, so it takes
 * part in no computation and in no gradient. Tracing takes the marks out of the finished graph and
 * lists the places.
 *
 * <p>Letters: M rows, I in, O out; B batch, N query heads, K key-value heads, S keys, H head_dim.
 */
public enum RowKernel {
  /** {@code x W^T}. Operands: x [M, I] and W [O, I], both bfloat16. */
  PRODUCT,
  /**
   * {@code x W^T} with W as {@link io.gemlab.ops.matrix.Int8Matrix} has it. Operands: x [M, I],
   * float32 or bfloat16; q, uint8 [O, I]; scales, bfloat16 [O, 1].
   */
  INT8_PRODUCT,
  /**
   * {@code x W^T} with W as {@link io.gemlab.ops.matrix.Int4Matrix} has it. Operands: x [M, I],
   * float32 or bfloat16; q, uint8 [O, I / 2]; scales, bfloat16 [O, I / 32].
   */
  INT4_PRODUCT,
  /**
   * {@code x W^T} as {@link io.gemlab.ops.matrix.W8A8Matrix} has it, of any number of rows.
   * Operands: x [M, I], float32 or bfloat16; q, uint8 [O, I]; scales, bfloat16 [O, 1].
   */
  W8A8_PRODUCT,
  /**
   * {@code softmax(mask(cap(scale * q k^T))) v} of one query a row. Operands: q [B, 1, N, H], k and
   * v [B, K, S, H], all bfloat16; the positions of queries [B, 1] and keys [B, S], int32, below 0
   * for padding; scale, cap and window as three float32, infinite where there is no cap or window.
   */
  ATTENTION;

  private static final String OP = "IdentityN";
  private static final String ATTRIBUTE = "_row_kernel";

  /**
   * Marks a value that this kernel may compute.
   *
   * @param y the value, as other ops compute it
   * @param operands the kernel's, in its order
   * @return {@code y}
   */
  public <T extends Operand<?>> T mark(Ops tf, T y, Operand<?>... operands) {
    Output<?>[] marked = new Output<?>[1 + operands.length];
    marked[0] = y.asOutput();
    for (int i = 0; i < operands.length; i++) marked[1 + i] = operands[i].asOutput();
    OperationBuilder mark = tf.scope().opBuilder(OP, "RowKernel").addInputList(marked);
    mark.setAttr(ATTRIBUTE, name());
    mark.build();
    return y;
  }

  /** The kernel that a node of a traced graph is a mark of; empty where it is no mark. */
  public static Optional<RowKernel> ofMark(NodeDef node) {
    return node.getOp().equals(OP) && node.containsAttr(ATTRIBUTE)
        ? Optional.of(valueOf(node.getAttrOrThrow(ATTRIBUTE).getS().toStringUtf8()))
        : Optional.empty();
  }
}
