package io.gemlab.graph.decode;

import io.gemlab.ops.Scalars;
import java.util.function.UnaryOperator;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceMin;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * Which tokens top-k and top-p leave: those whose logit reaches a threshold, found by bisection.
 *
 * <p>Each step counts, or sums the probability of, the tokens that reach the middle. Nothing is
 * sorted: sorting a vocabulary of 256,000 is slow everywhere, and XLA's TopK is a call that only
 * its CPU backend has. Tokens that tie with the last one are left in.
 *
 * @param tf where to build
 * @param logits_BV after the temperature, finite
 */
record Truncation(Ops tf, Operand<TFloat32> logits_BV) {
  /** Halvings of the range: beyond them float32 has no number in between. */
  private static final int STEPS = 32;

  /**
   * The tokens left, [B, V].
   *
   * @param topK_B1 how many, 1 to V
   * @param topP_B1 the share of the probability of those, in (0, 1]
   */
  Operand<TBool> kept(Operand<TFloat32> topK_B1, Operand<TFloat32> topP_B1) {
    Operand<TFloat32> largest_B1 =
        tf.reduceMax(logits_BV, tf.constant(1), ReduceMax.keepDims(true));
    Operand<TFloat32> smallest_B1 =
        tf.reduceMin(logits_BV, tf.constant(1), ReduceMin.keepDims(true));
    Operand<TFloat32> beyond_B1 =
        tf.math.add(
            tf.math.add(largest_B1, tf.constant(1f)),
            tf.math.mul(tf.math.abs(largest_B1), tf.constant(1e-6f)));
    Operand<TFloat32> byCount_B1 =
        threshold(
            smallest_B1,
            beyond_B1,
            at_B1 -> total(Scalars.ones(tf, tf.math.greaterEqual(logits_BV, at_B1))),
            topK_B1);
    Operand<TFloat32> weights_BV =
        reaching(byCount_B1, tf.math.exp(tf.math.sub(logits_BV, largest_B1)));
    Operand<TFloat32> byMass_B1 =
        threshold(
            byCount_B1,
            beyond_B1,
            at_B1 -> total(reaching(at_B1, weights_BV)),
            tf.math.mul(topP_B1, total(weights_BV)));
    Operand<TBool> all_B1 = tf.math.greaterEqual(topP_B1, tf.constant(1f));
    return tf.math.greaterEqual(logits_BV, tf.select(all_B1, byCount_B1, byMass_B1));
  }

  /**
   * The largest threshold at which {@code measure}, which falls as the threshold rises, is still
   * {@code enough}.
   *
   * @param low where it is enough
   * @param high where it is not
   */
  private Operand<TFloat32> threshold(
      Operand<TFloat32> low,
      Operand<TFloat32> high,
      UnaryOperator<Operand<TFloat32>> measure,
      Operand<TFloat32> enough) {
    for (int i = 0; i < STEPS; i++) {
      Operand<TFloat32> middle =
          tf.math.add(low, tf.math.mul(tf.math.sub(high, low), tf.constant(0.5f)));
      Operand<TBool> reached = tf.math.greaterEqual(measure.apply(middle), enough);
      low = tf.select(reached, middle, low);
      high = tf.select(reached, high, middle);
    }
    return low;
  }

  /** {@code values} where the logit reaches {@code at_B1}, elsewhere 0. */
  private Operand<TFloat32> reaching(Operand<TFloat32> at_B1, Operand<TFloat32> values_BV) {
    return tf.select(tf.math.greaterEqual(logits_BV, at_B1), values_BV, tf.constant(0f));
  }

  private Operand<TFloat32> total(Operand<TFloat32> x_BV) {
    return tf.sum(x_BV, tf.constant(1), Sum.keepDims(true));
  }
}
