package io.gemlab.experiments.merge.method;

/** Sums in float64 over float32 values, in one order whatever compiles them. */
final class Sums {
  /** Accumulators: additions wait for none but the one four before. */
  private static final int LANES = 4;

  private Sums() {}

  /** The inner product of the elements from {@code from} to before {@code to}. */
  static double dot(float[] a, float[] b, int from, int to) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = from;
    for (; i + LANES <= to; i += LANES) {
      sum0 += (double) a[i] * b[i];
      sum1 += (double) a[i + 1] * b[i + 1];
      sum2 += (double) a[i + 2] * b[i + 2];
      sum3 += (double) a[i + 3] * b[i + 3];
    }
    for (; i < to; i++) sum0 += (double) a[i] * b[i];
    return sum0 + sum1 + (sum2 + sum3);
  }

  /** The sum of the first {@code count} magnitudes. */
  static double magnitudes(float[] a, int count) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = 0;
    for (; i + LANES <= count; i += LANES) {
      sum0 += Math.abs(a[i]);
      sum1 += Math.abs(a[i + 1]);
      sum2 += Math.abs(a[i + 2]);
      sum3 += Math.abs(a[i + 3]);
    }
    for (; i < count; i++) sum0 += Math.abs(a[i]);
    return sum0 + sum1 + (sum2 + sum3);
  }
}
