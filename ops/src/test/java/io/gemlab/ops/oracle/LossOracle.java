package io.gemlab.ops.oracle;

import java.util.Arrays;
import java.util.OptionalDouble;

/** Losses, one position at a time. */
public final class LossOracle {
  private LossOracle() {}

  /**
   * @param logits [M, V]
   * @param labels [M]; below 0 is not scored
   * @return [M]
   */
  public static double[] crossEntropy(double[] logits, int[] labels, OptionalDouble cap) {
    return crossEntropy(logits, labels, cap, 0);
  }

  /**
   * Against labels of which each token has a part.
   *
   * @param smoothing what all tokens have together
   */
  public static double[] crossEntropy(
      double[] logits, int[] labels, OptionalDouble cap, double smoothing) {
    double[] losses = new double[labels.length];
    for (int m = 0; m < losses.length; m++) {
      if (labels[m] < 0) continue;
      double[] logP = logSoftmax(capped(row(logits, m, losses.length), cap));
      for (int v = 0; v < logP.length; v++) {
        double p = smoothing / logP.length + (v == labels[m] ? 1 - smoothing : 0);
        losses[m] -= p * logP[v];
      }
    }
    return losses;
  }

  /** {@code sum(p log(p / q))} of probabilities. */
  public static double kl(double[] p, double[] q) {
    double sum = 0;
    for (int v = 0; v < p.length; v++) if (p[v] > 0) sum += p[v] * Math.log(p[v] / q[v]);
    return sum;
  }

  /**
   * @param student logits, [M, V]
   * @param teacher logits, [M, V]
   * @return [M]
   */
  public static double[] jsd(
      double[] student, double[] teacher, int rows, double beta, double temperature) {
    double[] losses = new double[rows];
    for (int m = 0; m < rows; m++) {
      double[] s = softmax(row(student, m, rows), temperature);
      double[] t = softmax(row(teacher, m, rows), temperature);
      if (beta == 0) losses[m] = kl(t, s);
      if (beta == 1) losses[m] = kl(s, t);
      if (beta == 0 || beta == 1) continue;
      double[] mixture = new double[s.length];
      for (int v = 0; v < s.length; v++) mixture[v] = beta * t[v] + (1 - beta) * s[v];
      losses[m] = beta * kl(t, mixture) + (1 - beta) * kl(s, mixture);
    }
    return losses;
  }

  /**
   * The divergence from a teacher whose likeliest tokens are known, all others being one class.
   *
   * @param student raw logits, [M, V]
   * @param ids of the tokens that are known, [M, K]
   * @param p their probabilities by the teacher, [M, K]
   * @param rest by the teacher of all others, [M]
   * @return [M]
   */
  public static double[] topK(
      double[] student,
      int[][] ids,
      double[][] p,
      double[] rest,
      double temperature,
      OptionalDouble cap) {
    double[] losses = new double[ids.length];
    for (int m = 0; m < losses.length; m++) {
      double[] q = softmax(capped(row(student, m, losses.length), cap), temperature);
      double[] classes = new double[ids[m].length + 1];
      double[] theirs = Arrays.copyOf(p[m], classes.length);
      for (int k = 0; k < ids[m].length; k++) {
        classes[k] = q[ids[m][k]];
        q[ids[m][k]] = 0;
      }
      classes[ids[m].length] = Arrays.stream(q).sum();
      theirs[ids[m].length] = rest[m];
      losses[m] = kl(theirs, classes);
    }
    return losses;
  }

  private static double[] capped(double[] logits, OptionalDouble cap) {
    if (cap.isEmpty()) return logits;
    double limit = cap.getAsDouble();
    return Arrays.stream(logits).map(z -> limit * Math.tanh(z / limit)).toArray();
  }

  /** Log-probabilities of logits. */
  public static double[] logSoftmax(double[] logits) {
    double largest = Arrays.stream(logits).max().orElseThrow();
    double sum = Arrays.stream(logits).map(z -> Math.exp(z - largest)).sum();
    return Arrays.stream(logits).map(z -> z - largest - Math.log(sum)).toArray();
  }

  /** Probabilities of logits that are divided by a temperature. */
  public static double[] softmax(double[] logits, double temperature) {
    double[] divided = Arrays.stream(logits).map(z -> z / temperature).toArray();
    return Arrays.stream(logSoftmax(divided)).map(Math::exp).toArray();
  }

  /** A copy of one of {@code rows} rows. */
  static double[] row(double[] matrix, int row, int rows) {
    int width = matrix.length / rows;
    return Arrays.copyOfRange(matrix, row * width, (row + 1) * width);
  }
}
