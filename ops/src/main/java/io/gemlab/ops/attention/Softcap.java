package io.gemlab.ops.attention;

import java.util.OptionalDouble;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A smooth limit on scores: {@code cap * tanh(x / cap)}, or none.
 *
 * <p>For attention it comes after the scale and before the mask; for the final logits it comes last
 * (Gemma 2 report, section 2). No cap is {@link #none()}, never a cap of zero.
 *
 * @see <a href="https://arxiv.org/abs/2408.00118">Gemma 2 report</a>
 */
public sealed interface Softcap {

  /** No cap. */
  static Softcap none() {
    return None.NONE;
  }

  /**
   * A cap at {@code cap}.
   *
   * @throws IllegalArgumentException if {@code cap}, or one over it, is not finite and above 0 in
   *     float32
   */
  static Softcap of(double cap) {
    return new Tanh(cap);
  }

  /**
   * Caps scores.
   *
   * @param scores any shape, float32, any range
   * @return same shape, in [-cap, cap]: a large score's tanh rounds to 1
   */
  Operand<TFloat32> apply(Ops tf, Operand<TFloat32> scores);

  /**
   * The cap's derivative, written by its value: {@code 1 - (capped / cap)^2}, times {@code dy}.
   *
   * @param capped what {@link #apply} returned
   * @param dy gradient with respect to that, same shape
   * @return gradient with respect to the scores
   */
  Operand<TFloat32> backward(Ops tf, Operand<TFloat32> capped, Operand<TFloat32> dy);

  /** The cap, if there is one. */
  OptionalDouble cap();

  enum None implements Softcap {
    NONE;

    @Override
    public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> scores) {
      return scores;
    }

    @Override
    public Operand<TFloat32> backward(Ops tf, Operand<TFloat32> capped, Operand<TFloat32> dy) {
      return dy;
    }

    @Override
    public OptionalDouble cap() {
      return OptionalDouble.empty();
    }
  }

  /**
   * @param value the cap, finite and above 0
   */
  record Tanh(double value) implements Softcap {
    public Tanh {
      float single = (float) value;
      if (!(single > 0) || Float.isInfinite(single) || Float.isInfinite(1 / single)) {
        throw new IllegalArgumentException(
            "a softcap of "
                + value
                + " would zero every score or let none through;"
                + " give a number above 0 that float32 can hold, or null for no cap");
      }
    }

    @Override
    public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> scores) {
      Operand<TFloat32> squashed =
          tf.math.tanh(tf.math.mul(scores, tf.constant((float) (1 / value))));
      return tf.math.mul(squashed, tf.constant((float) value));
    }

    @Override
    public Operand<TFloat32> backward(Ops tf, Operand<TFloat32> capped, Operand<TFloat32> dy) {
      Operand<TFloat32> squashed = tf.math.mul(capped, tf.constant((float) (1 / value)));
      Operand<TFloat32> slope = tf.math.sub(tf.constant(1f), tf.math.square(squashed));
      return tf.math.mul(dy, slope);
    }

    @Override
    public OptionalDouble cap() {
      return OptionalDouble.of(value);
    }
  }
}
