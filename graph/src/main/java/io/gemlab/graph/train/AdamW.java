package io.gemlab.graph.train;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * Adam with decoupled weight decay, as {@code torch.optim.AdamW} has it.
 *
 * <p>{@code w -= lr decay w}; {@code m = b1 m + (1 - b1) g}; {@code v = b2 v + (1 - b2) g^2};
 * {@code w -= lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)}.
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root, above 0
 * @param weightDecay decay a step is multiplied by the learning rate
 * @see <a href="https://arxiv.org/abs/1711.05101">Decoupled Weight Decay Regularization</a>
 */
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay) {
  public AdamW {
    fraction("beta1", beta1);
    fraction("beta2", beta2);
    if (!(epsilon > 0) || Double.isInfinite(epsilon)) {
      throw new InvalidInput("epsilon is " + epsilon + "; give a finite number above 0");
    }
    requireDecay(weightDecay);
  }

  /** The same rule with another decay. */
  public AdamW withWeightDecay(double decay) {
    return new AdamW(beta1, beta2, epsilon, decay);
  }

  /** A weight and its moments, before or after a step. */
  record Slot<T extends TFloating>(Operand<T> weight, Operand<T> expAvg, Operand<T> expAvgSq) {}

  /**
   * What all tensors share in a step.
   *
   * @param learningRate this step's
   * @param correction1 1 - beta1^t, with t counted from 1
   * @param correction2 1 - beta2^t
   */
  record Step<T extends TFloating>(
      Operand<T> learningRate, Operand<T> correction1, Operand<T> correction2) {}

  /**
   * The step's shared numbers.
   *
   * @param stepsDone steps done before this one
   */
  <T extends TFloating> Step<T> step(Ops tf, Operand<T> learningRate, Operand<T> stepsDone) {
    Class<T> type = learningRate.type();
    Operand<T> t = tf.math.add(stepsDone, Scalars.of(tf, type, 1));
    return new Step<>(learningRate, correction(tf, beta1, t), correction(tf, beta2, t));
  }

  /** {@code 1 - beta^t}, without the cancellation. */
  private static <T extends TFloating> Operand<T> correction(Ops tf, double beta, Operand<T> t) {
    Class<T> type = t.type();
    if (beta == 0) return Scalars.of(tf, type, 1);
    return tf.math.neg(tf.math.expm1(tf.math.mul(t, Scalars.of(tf, type, Math.log(beta)))));
  }

  /** One tensor's step. */
  <T extends TFloating> Slot<T> update(Ops tf, Step<T> step, Slot<T> slot, Operand<T> gradient) {
    Class<T> type = gradient.type();
    Operand<T> expAvg =
        tf.math.add(
            tf.math.mul(slot.expAvg(), Scalars.of(tf, type, beta1)),
            tf.math.mul(gradient, Scalars.of(tf, type, 1 - beta1)));
    Operand<T> expAvgSq =
        tf.math.add(
            tf.math.mul(slot.expAvgSq(), Scalars.of(tf, type, beta2)),
            tf.math.mul(tf.math.square(gradient), Scalars.of(tf, type, 1 - beta2)));
    Operand<T> denominator =
        tf.math.add(
            tf.math.sqrt(tf.math.div(expAvgSq, step.correction2())), Scalars.of(tf, type, epsilon));
    Operand<T> direction = tf.math.div(tf.math.div(expAvg, step.correction1()), denominator);
    Operand<T> decayed =
        tf.math.add(direction, tf.math.mul(slot.weight(), Scalars.of(tf, type, weightDecay)));
    return new Slot<>(
        tf.math.sub(slot.weight(), tf.math.mul(decayed, step.learningRate())), expAvg, expAvgSq);
  }

  static void requireDecay(double weightDecay) {
    if (!(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
      throw new InvalidInput(
          "weight_decay is " + weightDecay + "; give a finite number, 0 or above");
    }
  }

  static void fraction(String field, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new InvalidInput(field + " is " + value + "; give a number from 0 to below 1");
    }
  }
}
