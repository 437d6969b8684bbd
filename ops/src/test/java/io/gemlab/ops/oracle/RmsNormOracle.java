package io.gemlab.ops.oracle;

/** {@code x / sqrt(mean(x^2) + epsilon) * (1 + weight)}. */
public final class RmsNormOracle {
  private RmsNormOracle() {}

  /**
   * @param x rows of weight's length
   */
  public static double[] value(double[] x, double[] weight, double epsilon) {
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += weight.length) {
      double squares = 0;
      for (int i = 0; i < weight.length; i++) squares += x[row + i] * x[row + i];
      double rms = Math.sqrt(squares / weight.length + epsilon);
      for (int i = 0; i < weight.length; i++) y[row + i] = x[row + i] / rms * (1 + weight[i]);
    }
    return y;
  }
}
