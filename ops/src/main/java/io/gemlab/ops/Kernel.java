package io.gemlab.ops;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tensorflow.Operand;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * A kernel that a path may put where the ops of some values stand: one that is bounded by reading
 * weights, a cache, scores or gradients once, or that multiplies by packed weights or integers,
 * which TensorFlow's products can't.
 *
 * <p>An op whose values a kernel could compute marks the place. The mark is an {@code IdentityN} of
 * the values and the kernel's operands which stands beside the values: nothing reads it, so it
 * takes part in no computation and in no gradient. Tracing takes the marks out of the finished
 * graph and lists the places.
 *
 * <p>Letters: M rows, I in, O out; B batch, N query heads, K key-value heads, G query heads of
 * each, T queries, S keys, H head_dim; W tensors.
 */
public enum Kernel {
  /** {@code x W^T} of few rows. Operands: x [M, I] and W [O, I], both bfloat16. */
  PRODUCT,
  /**
   * {@code x W^T} of any number of rows. Operands: x [M, I] and W [O, I], both float32 or both
   * bfloat16. W is packed once for all calls, and so has to be state.
   */
  PACKED_PRODUCT,
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
   * {@link #INT8_PRODUCT} of any number of rows, for which a piece of the matrix is unpacked at a
   * time.
   */
  INT8_UNPACKED_PRODUCT,
  /** {@link #INT4_PRODUCT} likewise. */
  INT4_UNPACKED_PRODUCT,
  /**
   * {@code x W^T} as {@link io.gemlab.ops.matrix.A8Matrix} has it of 8-bit weights, of any number
   * of rows. Operands: x [M, I], float32 or bfloat16; q, uint8 [O, I]; scales, bfloat16 [O, 1].
   */
  W8A8_PRODUCT,
  /**
   * The same of 4-bit weights. Operands: x [M, I], float32 or bfloat16; q, uint8 [O, I / 2];
   * scales, bfloat16 [O, I / 32]. Both are packed once for all calls, and so have to be state.
   */
  W4A8_PRODUCT,
  /**
   * {@code softmax(mask(cap(scale * q k^T))) v} of one query a row. Operands: q [B, 1, N, H], k and
   * v [B, K, S, H], all bfloat16; the positions of queries [B, 1] and keys [B, S], int32, below 0
   * for padding; scale, cap and window as three float32, infinite where there is no cap or window.
   */
  ATTENTION,
  /**
   * The same of any number of queries, of which it multiplies those keys and values that some of
   * them see. Operands: q [B, T, N, H], k and v [B, K, S, H], all float32 or all bfloat16; the
   * positions of queries [B, T] and keys [B, S], int32, below 0 for padding; scale, cap and window
   * as three float32, infinite where there is no cap or window.
   */
  TILED_ATTENTION(true),
  /**
   * The gradients of q, k and v from that of {@link #TILED_ATTENTION}: same shapes and type.
   * Operands: as there, then the gradient of what it gives, [B, T, N, H]. A query that sees no key
   * gives none.
   */
  TILED_ATTENTION_GRADIENT(true),
  /**
   * {@code (a cos - d b sin, b cos + d a sin)} of rows whose halves are a and b. Operands: x [B, T,
   * N, H], float32 or bfloat16; cosines and sines, float32 [B, T, 1, H / 2]; d, float32 [1], 1 for
   * the rotation and -1 for its gradient.
   */
  ROTATION(true),
  /**
   * {@code x inverse gain} with {@code inverse = 1 / sqrt(mean(x^2) + epsilon)} over the last axis,
   * and the inverse, float32 [..., 1]. Operands: x [..., D], float32 or bfloat16; gain, float32
   * [D]; epsilon, float32 [1].
   */
  RMS_NORM(true),
  /**
   * The gradients of x and gain, which is float32. Operands: x and gain as of {@link #RMS_NORM},
   * the inverse, and the gradient of what it gives, of the shape and type of x.
   */
  RMS_NORM_GRADIENT(true),
  /**
   * {@code log(sum(exp(z)))} of rows with {@code z = cap(logits)}, float32 [M, 1]. Operands: logits
   * [M, V], float32 or bfloat16; the cap, float32 [1], infinite for none.
   */
  LOG_SUM_EXP(true),
  /**
   * The gradient of logits from that of their cross-entropy, {@code (exp(z - lse) - e - f [v =
   * label]) dy cap'}, 0 where a label is below 0. Operands: logits as of {@link #LOG_SUM_EXP};
   * labels, int32 [M]; lse, float32 [M, 1]; dy, float32 [M]; cap, f and e, float32 [3].
   */
  CROSS_ENTROPY_GRADIENT(true),
  /**
   * The sum of squares of each tensor, float32 [W], and whether it is numbers throughout, bool [W].
   * Operands: W tensors, float32 of any shape; one that is cast from bfloat16 may be read as it was
   * before.
   */
  SQUARES(true),
  /**
   * The step of AdamW: W weights, then their W first and W second moments, each float32 and {@link
   * #inPlace in place}. Operands: the same before the step; W gradients, as of {@link #SQUARES};
   * nine numbers, float32 [9]: the learning rate, 1 - beta1^t, 1 - beta2^t, what gradients are
   * multiplied by, beta1, 1 - beta1, beta2, 1 - beta2 and epsilon; the tensors' weight decay,
   * float32 [W]; a bool, false where all is to stay as it is.
   */
  ADAMW(true);

  private static final String OP = "IdentityN";
  // Not "_kernel", by which TensorFlow finds kernels that are registered with a label.
  private static final String ATTRIBUTE = "_gemlab_kernel";
  private static final String VALUES = "_values";

  private final boolean inTraining;

  Kernel() {
    this(false);
  }

  Kernel(boolean inTraining) {
    this.inTraining = inTraining;
  }

  /**
   * Whether it may stand in a function that takes gradients: its values are made of gradients, or
   * have a gradient of their own, a kernel's too, that reads its operands. Of the others' values a
   * gradient is taken op by op.
   */
  public boolean isInTraining() {
    return inTraining;
  }

  /**
   * Whether its values overwrite its first operands, one each, in their own memory. They must be
   * state, read by nothing after it.
   */
  public boolean inPlace() {
    return this == ADAMW;
  }

  /** Whether kernels are there for values of a type. */
  public static boolean takes(Class<? extends TFloating> type) {
    return type == TFloat32.class || type == TBfloat16.class;
  }

  /**
   * Marks a value that this kernel may compute.
   *
   * @param y the value, as other ops compute it
   * @param operands the kernel's, in its order
   * @return {@code y}
   */
  public <T extends Operand<?>> T mark(Ops tf, T y, Operand<?>... operands) {
    mark(tf, List.of(y), List.of(operands));
    return y;
  }

  /**
   * Marks values that this kernel may compute together.
   *
   * @param values as other ops compute them
   * @param operands the kernel's, in its order
   */
  public void mark(Ops tf, List<? extends Operand<?>> values, List<? extends Operand<?>> operands) {
    Output<?>[] marked =
        Stream.concat(values.stream(), operands.stream())
            .map(Operand::asOutput)
            .toArray(Output<?>[]::new);
    OperationBuilder mark = tf.scope().opBuilder(OP, "Kernel").addInputList(marked);
    mark.setAttr(ATTRIBUTE, name());
    mark.setAttr(VALUES, values.size());
    mark.build();
  }

  /** How many values a mark is of; its other inputs are the kernel's operands. */
  public static int values(NodeDef mark) {
    return Math.toIntExact(mark.getAttrOrThrow(VALUES).getI());
  }

  /** The kernel that a node of a traced graph is a mark of; empty where it is no mark. */
  public static Optional<Kernel> ofMark(NodeDef node) {
    return node.getOp().equals(OP) && node.containsAttr(ATTRIBUTE)
        ? Optional.of(valueOf(node.getAttrOrThrow(ATTRIBUTE).getS().toStringUtf8()))
        : Optional.empty();
  }
}
