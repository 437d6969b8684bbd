package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of each lane, to a few units in the last place of float32. The Vector API's own may
 * change in the last bits when a method is compiled, and an answer with them.
 *
 * <p>Limits are blends, an instruction and a comparison; {@code max} and {@code min} are six, since
 * Java orders zeros and keeps NaN.
 */
final class VectorMath {
  private static final float LOG2_E = 1.442695f;

  /**
   * The natural logarithm of 2 in two parts: the first has few digits, so that n times it is exact.
   */
  private static final float LN_2 = 0.693359375f;

  private static final float LN_2_REST = (float) (Math.log(2) - 0.693359375);

  /** Added and taken away again, it leaves a whole number. */
  private static final float WHOLE = 0x1.8p23f;

  private static final int MANTISSA_BITS = 23;
  private static final int BITS_OF_1 = 127 << MANTISSA_BITS;
  private static final float LEAST_EXPONENT = -87.5f;
  private static final float LARGEST_EXPONENT = 88;

  /** From here on 1 is as good for tanh as the ratio, which soon exceeds it by rounding. */
  private static final float LARGE = 8.15f;

  private VectorMath() {}

  /** e to the x; 0 far below 0, and at most e^88. */
  static FloatVector exp(FloatVector x) {
    FloatVector limited =
        x.blend(LEAST_EXPONENT, x.compare(VectorOperators.LT, LEAST_EXPONENT))
            .blend(LARGEST_EXPONENT, x.compare(VectorOperators.GT, LARGEST_EXPONENT));
    FloatVector shifted = limited.lanewise(VectorOperators.FMA, LOG2_E, WHOLE);
    FloatVector n = shifted.sub(WHOLE);
    FloatVector r = n.lanewise(VectorOperators.FMA, -LN_2, limited);
    r = n.lanewise(VectorOperators.FMA, -LN_2_REST, r);
    FloatVector series = FloatVector.broadcast(FLOATS, 1f / 5040);
    series = series.fma(r, FloatVector.broadcast(FLOATS, 1f / 720));
    series = series.fma(r, FloatVector.broadcast(FLOATS, 1f / 120));
    series = series.fma(r, FloatVector.broadcast(FLOATS, 1f / 24));
    series = series.fma(r, FloatVector.broadcast(FLOATS, 1f / 6));
    series = series.fma(r, FloatVector.broadcast(FLOATS, 0.5f));
    series = series.fma(r, FloatVector.broadcast(FLOATS, 1));
    series = series.fma(r, FloatVector.broadcast(FLOATS, 1));
    // The whole number stands in the lowest bits of what it was shifted to.
    IntVector power =
        shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS).add(BITS_OF_1);
    return series.mul(power.reinterpretAsFloats());
  }

  /**
   * In [-1, 1]. {@code tanh(x) / x} is a ratio of polynomials of x^2 up to 9, off by 2.1e-8 of it
   * at most: least squares of the relative error, with the weights of what is furthest off raised
   * until all are as far off (Lawson).
   */
  static FloatVector tanh(FloatVector x) {
    FloatVector square = x.mul(x);
    FloatVector over = FloatVector.broadcast(FLOATS, 1.3354915e-8f);
    over = over.fma(square, FloatVector.broadcast(FLOATS, 2.0609286e-5f));
    over = over.fma(square, FloatVector.broadcast(FLOATS, 0.0034956015f));
    over = over.fma(square, FloatVector.broadcast(FLOATS, 0.13381037f));
    over = over.fma(square, FloatVector.broadcast(FLOATS, 1));
    FloatVector under = FloatVector.broadcast(FLOATS, 7.7766686e-7f);
    under = under.fma(square, FloatVector.broadcast(FLOATS, 3.285656e-4f));
    under = under.fma(square, FloatVector.broadcast(FLOATS, 0.025877034f));
    under = under.fma(square, FloatVector.broadcast(FLOATS, 0.46714354f));
    under = under.fma(square, FloatVector.broadcast(FLOATS, 1));
    FloatVector ratio = over.mul(x).div(under);
    return ratio
        .blend(1, x.compare(VectorOperators.GT, LARGE))
        .blend(-1, x.compare(VectorOperators.LT, -LARGE));
  }
}
