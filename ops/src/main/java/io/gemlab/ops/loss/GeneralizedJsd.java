package io.gemlab.ops.loss;

import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The generalised Jensen-Shannon divergence between a teacher and a student, from forward KL (beta
 * 0) to reverse KL (beta 1).
 *
 * <p>{@code beta KL(teacher || m) + (1 - beta) KL(student || m)} with the mixture {@code m = beta
 * teacher + (1 - beta) student}; at beta 0 it is KL(teacher || student) and at beta 1 KL(student ||
 * teacher), as TRL has it. No factor of temperature squared.
 *
 * <p>Precision: float32 inside.
 *
 * @param beta in [0, 1]
 * @param temperature of both sides
 * @see <a href="https://arxiv.org/abs/2306.13649">On-Policy Distillation of Language Models</a>
 */
public record GeneralizedJsd(double beta, Temperature temperature) {
  public GeneralizedJsd {
    if (!(beta >= 0 && beta <= 1)) {
      throw new IllegalArgumentException("beta is " + beta + "; give a number from 0 to 1");
    }
  }

  /**
   * The divergence at each position.
   *
   * @param student_MV final logits, [M, V]
   * @param teacher_MV final logits, [M, V]; no gradient flows to them
   * @return [M], in nats
   */
  public Operand<TFloat32> apply(
      Ops tf, Operand<? extends TFloating> student_MV, Operand<? extends TFloating> teacher_MV) {
    Operand<TFloat32> student = logProbabilities(tf, student_MV);
    Operand<TFloat32> teacher = tf.stopGradient(logProbabilities(tf, teacher_MV));
    if (beta == 0) return KlDivergence.apply(tf, teacher, student);
    if (beta == 1) return KlDivergence.apply(tf, student, teacher);
    Operand<TFloat32> mixture =
        logAddExp(
            tf,
            tf.math.add(student, tf.constant((float) Math.log1p(-beta))),
            tf.math.add(teacher, tf.constant((float) Math.log(beta))));
    return tf.math.add(
        tf.math.mul(KlDivergence.apply(tf, teacher, mixture), tf.constant((float) beta)),
        tf.math.mul(KlDivergence.apply(tf, student, mixture), tf.constant((float) (1 - beta))));
  }

  private Operand<TFloat32> logProbabilities(Ops tf, Operand<? extends TFloating> logits_MV) {
    return tf.nn.logSoftmax(temperature.divide(tf, Scalars.toFloat32(tf, logits_MV)));
  }

  /** {@code log(exp(a) + exp(b))}, with the gradients of a softmax also where a equals b. */
  private static Operand<TFloat32> logAddExp(Ops tf, Operand<TFloat32> a, Operand<TFloat32> b) {
    Operand<TFloat32> larger = tf.stopGradient(tf.math.maximum(a, b));
    Operand<TFloat32> sum =
        tf.math.add(tf.math.exp(tf.math.sub(a, larger)), tf.math.exp(tf.math.sub(b, larger)));
    return tf.math.add(larger, tf.math.log(sum));
  }
}
