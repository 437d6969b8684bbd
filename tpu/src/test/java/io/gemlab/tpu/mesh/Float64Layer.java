package io.gemlab.tpu.mesh;

import io.gemlab.graph.gemma2.LayerWeight;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A decoder layer in float64 over some of its heads and columns: all of them, or one device's.
 *
 * @param weights by name, [out, in], as far as this layer has them
 * @param heads query heads it has
 * @param kvHeads key-value heads it has
 * @param headDim H
 * @param length T, of each row
 */
record Float64Layer(
    Function<String, double[][]> weights, int heads, int kvHeads, int headDim, int length) {
  private static final double CAP = 3;

  /**
   * The layer's first half, residual included.
   *
   * @param x [rows * T, D]
   * @param sum adds up what o_proj gives on all devices
   */
  double[][] attention(double[][] x, UnaryOperator<double[][]> sum) {
    double[][] input = normed(x, LayerWeight.INPUT_LAYERNORM);
    double[][] q = timesTransposed(input, get(LayerWeight.Q_PROJ));
    double[][] k = timesTransposed(input, get(LayerWeight.K_PROJ));
    double[][] v = timesTransposed(input, get(LayerWeight.V_PROJ));
    double[][] attended = new double[x.length][heads * headDim];
    for (int i = 0; i < x.length; i++) {
      for (int head = 0; head < heads; head++) attend(q, k, v, i, head, attended[i]);
    }
    double[][] projected = sum.apply(timesTransposed(attended, get(LayerWeight.O_PROJ)));
    return plus(x, normed(projected, LayerWeight.POST_ATTENTION_LAYERNORM));
  }

  /** The second half; {@code sum} adds up what down_proj gives. */
  double[][] mlp(double[][] x, UnaryOperator<double[][]> sum) {
    double[][] input = normed(x, LayerWeight.PRE_FEEDFORWARD_LAYERNORM);
    double[][] gate = timesTransposed(input, get(LayerWeight.GATE_PROJ));
    double[][] up = timesTransposed(input, get(LayerWeight.UP_PROJ));
    for (int i = 0; i < gate.length; i++) {
      for (int f = 0; f < gate[i].length; f++) gate[i][f] *= up[i][f] / (1 + Math.exp(-gate[i][f]));
    }
    double[][] projected = sum.apply(timesTransposed(gate, get(LayerWeight.DOWN_PROJ)));
    return plus(x, normed(projected, LayerWeight.POST_FEEDFORWARD_LAYERNORM));
  }

  /** Causal within the position's row, with a cap. */
  private void attend(
      double[][] q, double[][] k, double[][] v, int i, int head, double[] attended) {
    int at = head / (heads / kvHeads) * headDim;
    double all = 0;
    for (int j = i / length * length; j <= i; j++) {
      double score = 0;
      for (int h = 0; h < headDim; h++) score += q[i][head * headDim + h] * k[j][at + h];
      double weight = Math.exp(CAP * Math.tanh(score / CAP));
      all += weight;
      for (int h = 0; h < headDim; h++) attended[head * headDim + h] += weight * v[j][at + h];
    }
    for (int h = 0; h < headDim; h++) attended[head * headDim + h] /= all;
  }

  private double[][] normed(double[][] x, LayerWeight norm) {
    double[] weight = get(norm)[0];
    double[][] normed = new double[x.length][weight.length];
    for (int i = 0; i < x.length; i++) {
      double square = 0;
      for (double value : x[i]) square += value * value;
      for (int d = 0; d < weight.length; d++) {
        normed[i][d] = x[i][d] / Math.sqrt(square / weight.length) * (1 + weight[d]);
      }
    }
    return normed;
  }

  private double[][] get(LayerWeight weight) {
    return weights.apply(weight.in(0));
  }

  /** {@code a b^T}. */
  static double[][] timesTransposed(double[][] a, double[][] b) {
    if (a[0].length != b[0].length) {
      throw new IllegalArgumentException(a[0].length + " columns meet " + b[0].length);
    }
    double[][] product = new double[a.length][b.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b.length; j++) {
        for (int k = 0; k < a[i].length; k++) product[i][j] += a[i][k] * b[j][k];
      }
    }
    return product;
  }

  static double[][] plus(double[][] a, double[][] b) {
    double[][] sum = new double[a.length][a[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[i].length; j++) sum[i][j] = a[i][j] + b[i][j];
    }
    return sum;
  }
}
