package io.gemlab.ops;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.OperationBuilder;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TType;

/** Order where data alone gives none, so that a session does not start everything at once. */
public final class Ordering {
  private Ordering() {}

  /**
   * {@code x}, but not before {@code earlier} have been computed. XLA, which schedules for memory
   * itself, drops it.
   *
   * <p>(TensorFlow Java's {@code withControlDependencies} crashes the process in a gradient
   * function when given more than one op.)
   */
  public static <T extends TType> Operand<T> after(Ops tf, Operand<T> x, List<Operand<?>> earlier) {
    OperationBuilder identity = tf.scope().opBuilder("Identity", "after");
    identity.addInput(x.asOutput());
    for (Operand<?> operand : earlier) identity.addControlInput(operand.asOutput().op());
    return identity.build().output(0);
  }
}
