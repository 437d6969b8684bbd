package io.gemlab.ops.norm;

import io.gemlab.ops.Kernel;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.gradient.CustomGradient;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Root-mean-square normalisation with a weight stored as its distance from one.
 *
 * <p>{@code y = n * (1 + weight)} with {@code n = x / sqrt(mean(x^2) + epsilon)}. Its own gradient
 * keeps a number a row instead of {@code n}: {@code dx = (g - n mean(g n)) / rms} with {@code g =
 * dy (1 + weight)}, and {@code dWeight = sum(dy n)} over rows.
 *
 * <p>Precision: float32 inside, cast back after the product with the weight (Gemma 2 casts {@code
 * (x * w)}, where Llama casts {@code x} first).
 *
 * @see <a href="https://arxiv.org/abs/1910.07467">Root Mean Square Layer Normalization</a>
 */
public final class RmsNorm {
  private RmsNorm() {}

  /**
   * Normalises the last axis.
   *
   * @param x [..., D] of any known rank, any floating-point type
   * @param weight_D [D], any floating-point type
   * @param epsilon added to the mean square, finite and above 0
   * @return shape and type of {@code x}
   * @throws IllegalArgumentException if {@code epsilon} is not finite and above 0
   */
  public static <T extends TFloating, W extends TFloating> Operand<T> apply(
      Ops tf, Operand<T> x, Operand<W> weight_D, float epsilon) {
    if (!(epsilon > 0) || Float.isInfinite(epsilon)) {
      throw new IllegalArgumentException(
          "rms_norm_eps is " + epsilon + "; give a finite number above 0");
    }
    Class<T> type = x.type();
    Class<W> weightType = weight_D.type();
    int[] rows = IntStream.range(0, x.shape().numDimensions() - 1).toArray();

    Operand<TFloat32> wide = Scalars.toFloat32(tf, x);
    Operand<TFloat32> meanSquare = mean(tf, tf.math.square(wide));
    Operand<TFloat32> inverse = tf.math.rsqrt(tf.math.add(meanSquare, tf.constant(epsilon)));
    Operand<TFloat32> normed = tf.math.mul(wide, inverse);
    Operand<TFloat32> gain_D = gain(tf, weight_D);
    Operand<T> y = Scalars.cast(tf, tf.math.mul(normed, gain_D), type);
    boolean kernels = Kernel.takes(type);
    if (kernels) {
      Operand<TFloat32> numbers = tf.constant(new float[] {epsilon});
      Kernel.RMS_NORM.mark(tf, List.of(y, inverse), List.of(x, gain_D, numbers));
    }
    return CustomGradient.attach(
        tf,
        y,
        new CustomGradient.Inputs(List.of(x, weight_D), List.of(inverse)),
        (back, dy, inputs) -> {
          Operand<TFloat32> dyWide = Scalars.toFloat32(back, dy.asOutput().expect(type));
          Operand<TFloat32> xWide = Scalars.toFloat32(back, inputs.get(0).asOutput().expect(type));
          Operand<W> weight = inputs.get(1).asOutput().expect(weightType);
          Operand<TFloat32> inv = inputs.get(2).asOutput().expect(TFloat32.class);
          Operand<TFloat32> n = back.math.mul(xWide, inv);
          Operand<TFloat32> gainAgain_D = gain(back, weight);
          Operand<TFloat32> g = back.math.mul(dyWide, gainAgain_D);
          Operand<TFloat32> along = back.math.mul(n, mean(back, back.math.mul(g, n)));
          Operand<T> dx = Scalars.cast(back, back.math.mul(back.math.sub(g, along), inv), type);
          Operand<TFloat32> dGain = back.sum(back.math.mul(dyWide, n), back.constant(rows));
          if (kernels) {
            Kernel.RMS_NORM_GRADIENT.mark(
                back, List.of(dx, dGain), List.of(inputs.get(0), gainAgain_D, inv, dy));
          }
          return List.of(dx, Scalars.cast(back, dGain, weightType));
        });
  }

  private static Operand<TFloat32> gain(Ops tf, Operand<? extends TFloating> weight_D) {
    return tf.math.add(Scalars.toFloat32(tf, weight_D), tf.constant(1f));
  }

  /** Mean over the last axis, which stays. */
  private static Operand<TFloat32> mean(Ops tf, Operand<TFloat32> x) {
    return tf.math.mean(x, tf.constant(-1), Mean.keepDims(true));
  }
}
