package io.gemlab.graph.train;

import io.gemlab.ops.RowKernel;
import io.gemlab.ops.Scalars;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** What is asked of all gradients together. */
final class Gradients {
  private Gradients() {}

  /** The norm of them all as one vector. */
  static Operand<TFloat32> globalNorm(Ops tf, List<Operand<TFloat32>> gradients) {
    List<Operand<TFloat32>> squares = new ArrayList<>();
    for (Operand<TFloat32> gradient : gradients) {
      squares.add(tf.sum(tf.math.square(flat(tf, gradient)), tf.constant(0)));
    }
    Operand<TFloat32> all = tf.stack(squares);
    RowKernel.SQUARES.mark(tf, List.of(all), gradients);
    return tf.math.sqrt(tf.sum(all, tf.constant(0)));
  }

  /**
   * What gradients are multiplied by, as in {@code torch.nn.utils.clip_grad_norm_}: max / (norm +
   * 1e-6), never above 1.
   */
  static Operand<TFloat32> clipping(Ops tf, Operand<TFloat32> norm, double max) {
    return tf.math.minimum(
        tf.math.div(Scalars.of(tf, TFloat32.class, max), tf.math.add(norm, tf.constant(1e-6f))),
        tf.constant(1f));
  }

  /**
   * Which of them are numbers throughout, [N]. Element by element, since a maximum drops NaN under
   * XLA and a norm may overflow.
   */
  static Operand<TBool> finite(Ops tf, List<Operand<TFloat32>> gradients) {
    List<Operand<TBool>> finite = new ArrayList<>();
    for (Operand<TFloat32> gradient : gradients) {
      finite.add(tf.reduceAll(tf.math.isFinite(flat(tf, gradient)), tf.constant(0)));
    }
    Operand<TBool> all = tf.stack(finite);
    RowKernel.FINITE.mark(tf, List.of(all), gradients);
    return all;
  }

  /** 1 where true and 0 elsewhere: what a result is. */
  static Operand<TInt32> asInts(Ops tf, Operand<TBool> flags) {
    return tf.dtypes.cast(flags, TInt32.class);
  }

  private static Operand<TFloat32> flat(Ops tf, Operand<TFloat32> gradient) {
    return tf.reshape(gradient, tf.constant(new int[] {-1}));
  }
}
