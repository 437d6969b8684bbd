package io.gemlab.ops.oracle;

import io.gemlab.ops.Precision;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Numbers of a shape, for an op and for its oracle alike.
 *
 * @param values row by row
 */
public record Sample(double[] values, long... shape) {

  /** Normally distributed numbers, times {@code scale}. */
  public static Sample gaussian(RandomGenerator random, double scale, long... shape) {
    double[] values = new double[Math.toIntExact(Shape.of(shape).size())];
    for (int i = 0; i < values.length; i++) values[i] = scale * random.nextGaussian();
    return new Sample(values, shape);
  }

  /** Each value changed. */
  public Sample map(DoubleUnaryOperator change) {
    return new Sample(Arrays.stream(values).map(change).toArray(), shape);
  }

  /** What is left of the values in a precision, so that op and oracle start from the same. */
  public Sample in(Precision precision) {
    return map(value -> round(precision, value));
  }

  /** The values as a tensor; the caller closes it. */
  TFloat32 tensor() {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) floats[i] = (float) values[i];
    return TFloat32.tensorOf(Shape.of(shape), DataBuffers.of(floats));
  }

  /** The values as a constant of a graph. */
  @SuppressWarnings("unchecked") // ops ask an operand for its type; the bound is all they need
  public Operand<TFloating> constant(Ops tf, Class<? extends TFloating> type) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) floats[i] = (float) values[i];
    return tf.dtypes.cast(
        tf.reshape(tf.constant(floats), tf.constant(shape)), (Class<TFloating>) type);
  }

  /** To the nearest number of a precision, ties to even. */
  public static double round(Precision precision, double value) {
    float single = (float) value;
    return switch (precision) {
      case FLOAT32 -> single;
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16(single));
      case BFLOAT16 -> {
        int bits = Float.floatToRawIntBits(single);
        int half = 0x7fff + ((bits >> 16) & 1);
        yield Float.intBitsToFloat((bits + half) & 0xffff0000);
      }
    };
  }
}
