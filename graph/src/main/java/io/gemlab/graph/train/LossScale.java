package io.gemlab.graph.train;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.trace.Trace;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * What a loss is multiplied by before gradients are taken, so that float16 holds them, and what
 * becomes of it: half where a gradient came out infinite or NaN, double after {@link
 * #GROWTH_INTERVAL} steps in a row without, as {@code torch.amp.GradScaler} has it by default. It
 * is a power of two, so taking it back is exact.
 *
 * @param scale this step's, a scalar
 */
record LossScale(Operand<TFloat32> scale) {
  /** Steps without overflow until the scale doubles. */
  static final int GROWTH_INTERVAL = 2000;

  static final String SCALE = "optimizer/loss_scale";

  /** Steps without overflow since the scale last changed. */
  static final String GROWTH = "optimizer/growth_tracker";

  static LossScale of(Trace trace) {
    return new LossScale(
        trace.state(SCALE, StateRole.LOSS_SCALE, TFloat32.class, TensorShape.of()));
  }

  Operand<TFloat32> up(Ops tf, Operand<TFloat32> loss) {
    return tf.math.mul(loss, scale);
  }

  List<Operand<TFloat32>> down(Ops tf, List<Operand<TFloat32>> gradients) {
    Operand<TFloat32> inverse = tf.math.div(tf.constant(1f), scale);
    return gradients.stream()
        .<Operand<TFloat32>>map(gradient -> tf.math.mul(gradient, inverse))
        .toList();
  }

  /**
   * The next step's scale.
   *
   * @param finite whether all gradients are
   */
  void update(Ops tf, Trace trace, Operand<TBool> finite) {
    Operand<TFloat32> steps =
        tf.math.add(
            trace.state(GROWTH, StateRole.STEP, TFloat32.class, TensorShape.of()), tf.constant(1f));
    Operand<TFloat32> doubled = tf.math.mul(scale, tf.constant(2f));
    Operand<TBool> due = tf.math.greaterEqual(steps, tf.constant((float) GROWTH_INTERVAL));
    Operand<TBool> grows = tf.math.logicalAnd(due, tf.math.isFinite(doubled));
    Operand<TFloat32> none = tf.constant(0f);
    trace.update(
        SCALE,
        tf.select(finite, tf.select(grows, doubled, scale), tf.math.mul(scale, tf.constant(0.5f))));
    trace.update(GROWTH, tf.select(finite, tf.select(due, none, steps), none));
  }
}
