package io.gemlab.graph.train;

import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.loss.CrossEntropy;
import io.gemlab.ops.loss.Temperature;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * How a divergence from a teacher becomes a loss: {@code ce_weight CE + (1 - ce_weight) s D} at
 * each position, with {@code s} the temperature squared, or 1. The divergence D is of distributions
 * at the temperature, the cross-entropy CE against labels at temperature 1.
 *
 * @param temperature of both sides' capped logits
 * @param timesSquare whether D is multiplied by the temperature squared, so that its gradient is as
 *     large at every temperature (Hinton et al., arXiv:1503.02531)
 * @param crossEntropyWeight from 0 to 1
 */
public record Distillation(
    Temperature temperature, boolean timesSquare, double crossEntropyWeight) {
  public Distillation {
    if (!(crossEntropyWeight >= 0 && crossEntropyWeight <= 1)) {
      throw new IllegalArgumentException(
          "ce_weight is " + crossEntropyWeight + "; give a number from 0 to 1");
    }
  }

  /** What the divergence is multiplied by: {@code (1 - ce_weight) s}. */
  public double factor() {
    return (1 - crossEntropyWeight) * (timesSquare ? temperature.value() * temperature.value() : 1);
  }

  /**
   * The loss of each position.
   *
   * @param divergence_M D, in nats
   * @param logits_MV the student's raw scores
   * @param labels_M what the cross-entropy is against
   */
  Operand<TFloat32> loss(
      Ops tf,
      Operand<TFloat32> divergence_M,
      Operand<? extends TFloating> logits_MV,
      Operand<TInt32> labels_M,
      Softcap softcap) {
    Operand<TFloat32> fromTeacher_M =
        factor() == 1 ? divergence_M : tf.math.mul(divergence_M, tf.constant((float) factor()));
    if (crossEntropyWeight == 0) return fromTeacher_M;
    Operand<TFloat32> fromLabels_M = CrossEntropy.apply(tf, logits_MV, labels_M, softcap);
    if (crossEntropyWeight == 1) return fromLabels_M;
    return tf.math.add(
        tf.math.mul(fromLabels_M, tf.constant((float) crossEntropyWeight)), fromTeacher_M);
  }
}
