package io.gemlab.ops;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.OperationBuilder;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TType;

/**
 * Order where data alone gives none: so that a session does not start everything at once, and so
 * that what is computed again is not merged with the first time.
 *
 * <p>It is an {@code EnsureShape} with control inputs, which no optimizer takes out (they do take
 * out an {@code Identity}), kept out of XLA's clusters. Paths that compile with XLA turn it into an
 * optimization barrier. Gradients pass it as they are, in no order of their own.
 *
 * <p>(TensorFlow Java's {@code withControlDependencies} crashes the process in a gradient function
 * when given more than one op.)
 */
public final class OrderingBarrier {
  /** The op type that an ordering is made of; it has no other use here. */
  public static final String OP = "EnsureShape";

  static {
    // TensorFlow's C++ gradients know no EnsureShape.
    TensorFlow.registerCustomGradient(OP, (tf, op, dys) -> List.copyOf(dys));
  }

  private OrderingBarrier() {}

  /** Makes sure that gradients can pass. */
  public static void ensureDifferentiable() {
    // Loading this class has done it.
  }

  /**
   * {@code x}, but not before {@code earlier} have been computed.
   *
   * @param shape the shape of {@code x}; dimensions may be unknown, the rank may not (in a gradient
   *     function an operand can't be asked for its own)
   * @throws IllegalArgumentException if the rank is unknown
   */
  public static <T extends TType> Operand<T> after(
      Ops tf, Operand<T> x, Shape shape, Operand<?>... earlier) {
    if (shape.isUnknown()) {
      throw new IllegalArgumentException(
          "an ordering needs to know the rank of what it holds back; give its shape");
    }
    OperationBuilder barrier = tf.scope().opBuilder(OP, "after");
    barrier.addInput(x.asOutput());
    barrier.setAttr("shape", shape);
    barrier.setAttr("_XlaCompile", false);
    for (Operand<?> operand : earlier) barrier.addControlInput(operand.asOutput().op());
    return barrier.build().output(0);
  }
}
