package io.gemlab.graph.train;

import io.gemlab.ops.Kernel;
import io.gemlab.ops.Scalars;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What is asked of all gradients together.
 *
 * @param norm of them all as one vector
 * @param finite which of them are numbers throughout, [N]: element by element, since a maximum
 *     drops NaN under XLA and a norm may overflow
 */
record Gradients(Operand<TFloat32> norm, Operand<TBool> finite) {
  static Gradients of(Ops tf, List<Operand<TFloat32>> gradients) {
    List<Operand<TFloat32>> squares = new ArrayList<>();
    List<Operand<TBool>> finite = new ArrayList<>();
    for (Operand<TFloat32> gradient : gradients) {
      Operand<TFloat32> flat = tf.reshape(gradient, tf.constant(new int[] {-1}));
      squares.add(tf.sum(tf.math.square(flat), tf.constant(0)));
      finite.add(tf.reduceAll(tf.math.isFinite(flat), tf.constant(0)));
    }
    Operand<TFloat32> allSquares = tf.stack(squares);
    Operand<TBool> allFinite = tf.stack(finite);
    Kernel.SQUARES.mark(tf, List.of(allSquares, allFinite), gradients);
    return new Gradients(tf.math.sqrt(tf.sum(allSquares, tf.constant(0))), allFinite);
  }

  /**
   * What they are multiplied by, as in {@code torch.nn.utils.clip_grad_norm_}: max / (norm + 1e-6),
   * never above 1.
   */
  Operand<TFloat32> clipping(Ops tf, double max) {
    return tf.math.minimum(
        tf.math.div(Scalars.of(tf, TFloat32.class, max), tf.math.add(norm, tf.constant(1e-6f))),
        tf.constant(1f));
  }

  /** 1 where true and 0 elsewhere: what a result is. */
  static Operand<TInt32> asInts(Ops tf, Operand<TBool> flags) {
    return tf.dtypes.cast(flags, TInt32.class);
  }
}
