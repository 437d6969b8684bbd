package io.gemlab.ops.oracle;

import io.gemlab.ops.position.Rope;

/** {@code (a, b) -> (a cos - b sin, b cos + a sin)} over the halves of each head. */
public final class RotaryOracle {
  private RotaryOracle() {}

  /**
   * @param x [tokens, heads, headDim]
   * @param positions one a token
   */
  public static double[] value(double[] x, int[] positions, int headDim, Rope rope) {
    double[] y = new double[x.length];
    int perToken = x.length / positions.length;
    int half = headDim / 2;
    for (int head = 0; head < x.length; head += headDim) {
      for (int i = 0; i < half; i++) {
        double scaled = positions[head / perToken] / rope.factor();
        double angle = scaled / Math.pow(rope.theta(), 2.0 * i / headDim);
        double a = x[head + i];
        double b = x[head + half + i];
        y[head + i] = a * Math.cos(angle) - b * Math.sin(angle);
        y[head + half + i] = b * Math.cos(angle) + a * Math.sin(angle);
      }
    }
    return y;
  }
}
