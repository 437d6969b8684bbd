package io.gemlab.ops.position;

import io.gemlab.ops.Kernel;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.gradient.CustomGradient;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Rotary position embedding over halves: the first half of a head is rotated against the second
 * (not neighbour against neighbour).
 *
 * <p>{@code (a, b) -> (a cos - b sin, b cos + a sin)} with the angle {@code position *
 * frequency(i)} for pair {@code i} of H/2, as {@link Rope} has it.
 *
 * <p>The tables are built once from the positions and shared by all layers of the same {@link
 * Rope}.
 *
 * <p>Precision: angles, sines and products in float32, the result cast back. An angle in float32 is
 * off by up to 1.2e-7 of the position, in radians: 1e-3 at position 8191, as in Hugging Face's.
 *
 * @see <a href="https://arxiv.org/abs/2104.09864">RoFormer, section 3.2.2</a>
 */
public final class RotaryEmbedding {
  private final Operand<TFloat32> cos_BT1I;
  private final Operand<TFloat32> sin_BT1I;

  private RotaryEmbedding(Operand<TFloat32> cos_BT1I, Operand<TFloat32> sin_BT1I) {
    this.cos_BT1I = cos_BT1I;
    this.sin_BT1I = sin_BT1I;
  }

  /**
   * The tables for some positions.
   *
   * @param positions_BT [B, T]; padding (below 0) is rotated like any other, and nobody sees it
   * @param headDim H, even
   * @throws IllegalArgumentException if {@code headDim} is odd or not positive
   */
  public static RotaryEmbedding of(Ops tf, Operand<TInt32> positions_BT, int headDim, Rope rope) {
    if (headDim <= 0 || headDim % 2 != 0) {
      throw new IllegalArgumentException(
          "head_dim is " + headDim + "; rotary embedding needs an even number above 0");
    }
    float[] frequencies = new float[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) rope.frequency(i, headDim);
    }
    Operand<TFloat32> positions_BT11 =
        tf.expandDims(
            tf.expandDims(tf.dtypes.cast(positions_BT, TFloat32.class), tf.constant(-1)),
            tf.constant(-1));
    Operand<TFloat32> angles_BT1I = tf.math.mul(positions_BT11, tf.constant(frequencies));
    return new RotaryEmbedding(tf.math.cos(angles_BT1I), tf.math.sin(angles_BT1I));
  }

  /**
   * Rotates queries or keys. The gradient is the rotation back.
   *
   * @param x_BTNH [B, T, any number of heads, H]
   * @return shape and type of {@code x_BTNH}
   */
  public <T extends TFloating> Operand<T> rotate(Ops tf, Operand<T> x_BTNH) {
    Class<T> type = x_BTNH.type();
    return CustomGradient.attach(
        tf,
        Direction.FORTH.turn(tf, type, x_BTNH, cos_BT1I, sin_BT1I),
        new CustomGradient.Inputs(List.of(x_BTNH), List.of(cos_BT1I, sin_BT1I)),
        (back, dy, inputs) ->
            List.of(
                Direction.BACK.turn(
                    back,
                    type,
                    dy.asOutput().expect(type),
                    inputs.get(1).asOutput().expect(TFloat32.class),
                    inputs.get(2).asOutput().expect(TFloat32.class))));
  }

  private enum Direction {
    FORTH(1),
    BACK(-1);

    private final float sign;

    Direction(float sign) {
      this.sign = sign;
    }

    <T extends TFloating> Operand<T> turn(
        Ops tf,
        Class<T> type,
        Operand<T> x_BTNH,
        Operand<TFloat32> cos_BT1I,
        Operand<TFloat32> sin_BT1I) {
      List<Output<TFloat32>> halves =
          tf.split(tf.constant(-1), Scalars.toFloat32(tf, x_BTNH), 2L).output();
      Output<TFloat32> first = halves.get(0);
      Output<TFloat32> second = halves.get(1);
      Operand<TFloat32> ofFirst = tf.math.mul(first, sin_BT1I);
      Operand<TFloat32> ofSecond = tf.math.mul(second, sin_BT1I);
      Operand<TFloat32> left = tf.math.mul(first, cos_BT1I);
      Operand<TFloat32> right = tf.math.mul(second, cos_BT1I);
      boolean forth = this == FORTH;
      Operand<TFloat32> turned =
          tf.concat(
              List.of(
                  forth ? tf.math.sub(left, ofSecond) : tf.math.add(left, ofSecond),
                  forth ? tf.math.add(right, ofFirst) : tf.math.sub(right, ofFirst)),
              tf.constant(-1));
      Operand<T> y_BTNH = Scalars.cast(tf, turned, type);
      if (!Kernel.takes(type)) return y_BTNH;
      return Kernel.ROTATION.mark(
          tf, y_BTNH, x_BTNH, cos_BT1I, sin_BT1I, tf.constant(new float[] {sign}));
    }
  }
}
