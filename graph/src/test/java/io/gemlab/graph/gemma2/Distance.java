package io.gemlab.graph.gemma2;

/**
 * How far logits are from exact ones.
 *
 * @param agreement share of positions whose best token is the same
 * @param meanKl mean over positions of KL(exact || approximate), in nats
 */
record Distance(double agreement, double meanKl) {

  /**
   * @param vocabulary logits a position
   */
  static Distance of(float[] approximate, float[] exact, int vocabulary) {
    int positions = exact.length / vocabulary;
    int agree = 0;
    double kl = 0;
    for (int m = 0; m < positions; m++) {
      double[] p = logSoftmax(exact, m * vocabulary, vocabulary);
      double[] q = logSoftmax(approximate, m * vocabulary, vocabulary);
      if (best(p) == best(q)) agree++;
      for (int v = 0; v < vocabulary; v++) kl += Math.exp(p[v]) * (p[v] - q[v]);
    }
    return new Distance((double) agree / positions, kl / positions);
  }

  private static double[] logSoftmax(float[] logits, int from, int count) {
    double[] values = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) sum += Math.exp(logits[from + i]);
    for (int i = 0; i < count; i++) values[i] = logits[from + i] - Math.log(sum);
    return values;
  }

  private static int best(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
    return best;
  }
}
