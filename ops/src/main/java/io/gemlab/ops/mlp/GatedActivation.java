package io.gemlab.ops.mlp;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.gradient.CustomGradient;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Gated linear units: {@code activation(gate) * up}.
 *
 * <p>Its own gradient computes the activation again from {@code gate} instead of keeping the
 * float32 matrices on the way to it: seven of them for GeGLU, the largest of a layer.
 *
 * <p>Precision: float32 inside, cast back.
 *
 * @see <a href="https://arxiv.org/abs/2002.05202">GLU Variants Improve Transformer</a>
 */
public enum GatedActivation {
  /**
   * GELU in its tanh form, as Gemma 2 has it ({@code gelu_pytorch_tanh}): {@code 0.5 x (1 + t)}
   * with {@code t = tanh(sqrt(2 / pi) (x + 0.044715 x^3))}.
   */
  GEGLU {
    @Override
    Activated activate(Ops tf, Operand<TFloat32> x) {
      Operand<TFloat32> cubic = tf.math.mul(tf.math.square(x), tf.constant(CUBIC));
      Operand<TFloat32> inner =
          tf.math.mul(
              tf.math.mul(x, tf.math.add(cubic, tf.constant(1f))), tf.constant(ROOT_2_OVER_PI));
      Operand<TFloat32> t = tf.math.tanh(inner);
      Operand<TFloat32> half = tf.math.mul(tf.math.add(t, tf.constant(1f)), tf.constant(0.5f));
      // d = 0.5 (1 + t) + 0.5 x (1 - t^2) sqrt(2 / pi) (1 + 3 * 0.044715 x^2)
      Operand<TFloat32> innerSlope =
          tf.math.mul(
              tf.math.add(tf.math.mul(cubic, tf.constant(3f)), tf.constant(1f)),
              tf.constant(0.5f * ROOT_2_OVER_PI));
      Operand<TFloat32> tanhSlope = tf.math.sub(tf.constant(1f), tf.math.square(t));
      Operand<TFloat32> slope =
          tf.math.add(half, tf.math.mul(tf.math.mul(x, tanhSlope), innerSlope));
      return new Activated(tf.math.mul(x, half), slope);
    }
  },

  /** The sigmoid-weighted linear unit, as Llama has it ({@code silu}): {@code x sigmoid(x)}. */
  SWIGLU {
    @Override
    Activated activate(Ops tf, Operand<TFloat32> x) {
      Operand<TFloat32> sigmoid = tf.math.sigmoid(x);
      Operand<TFloat32> value = tf.math.mul(x, sigmoid);
      // d = sigmoid (1 + x (1 - sigmoid)) = sigmoid + value (1 - sigmoid)
      Operand<TFloat32> slope =
          tf.math.add(sigmoid, tf.math.mul(value, tf.math.sub(tf.constant(1f), sigmoid)));
      return new Activated(value, slope);
    }
  };

  private static final float CUBIC = 0.044715f;
  private static final float ROOT_2_OVER_PI = (float) Math.sqrt(2 / Math.PI);

  /** An activation's value and derivative at the same place. */
  record Activated(Operand<TFloat32> value, Operand<TFloat32> slope) {}

  abstract Activated activate(Ops tf, Operand<TFloat32> x);

  /**
   * Gates {@code up} by the activation of {@code gate}.
   *
   * @param gate any shape, any floating-point type
   * @param up shape and type of {@code gate}
   * @return shape and type of {@code gate}
   */
  public <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> gate, Operand<T> up) {
    Class<T> type = gate.type();
    Operand<TFloat32> activated = activate(tf, Scalars.toFloat32(tf, gate)).value();
    Operand<T> y = Scalars.cast(tf, tf.math.mul(activated, Scalars.toFloat32(tf, up)), type);
    return CustomGradient.attach(
        tf,
        y,
        new CustomGradient.Inputs(List.of(gate, up), List.of()),
        (back, dy, inputs) -> {
          Operand<TFloat32> dyWide = Scalars.toFloat32(back, dy.asOutput().expect(type));
          Activated again =
              activate(back, Scalars.toFloat32(back, inputs.get(0).asOutput().expect(type)));
          Operand<TFloat32> upWide = Scalars.toFloat32(back, inputs.get(1).asOutput().expect(type));
          Operand<TFloat32> dGate = back.math.mul(back.math.mul(dyWide, upWide), again.slope());
          return List.of(
              Scalars.cast(back, dGate, type),
              Scalars.cast(back, back.math.mul(dyWide, again.value()), type));
        });
  }
}
