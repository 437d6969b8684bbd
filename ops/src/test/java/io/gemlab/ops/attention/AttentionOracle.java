package io.gemlab.ops.attention;

import java.util.Arrays;

/**
 * {@code softmax(mask(cap(scale * q k^T))) v}, one query at a time.
 *
 * @param spec what to compute
 * @param queries positions, [B][T]
 * @param keys positions, [B][S]
 */
public record AttentionOracle(AttentionSpec spec, int[][] queries, int[][] keys) {

  /** The mask's definition. */
  public boolean visible(int query, int key) {
    boolean causal = key >= 0 && key <= query;
    return causal && (spec.window().isEmpty() || query - key < spec.window().getAsInt());
  }

  /**
   * @param q [B, T, N, H]
   * @param k [B, S, K, H]
   * @param v [B, S, K, H]
   * @return [B, T, N, H]; 0 where a query sees no key
   */
  public double[] value(double[] q, double[] k, double[] v) {
    double[] out = new double[q.length];
    int headDim = spec.headDim();
    for (int head = 0; head < q.length / headDim; head++) {
      int token = head / spec.heads();
      int row = token / queries[0].length;
      int kvHead = head % spec.heads() / spec.groups();
      int query = queries[row][token % queries[0].length];
      double[] scores = new double[keys[row].length];
      for (int s = 0; s < scores.length; s++) {
        scores[s] =
            visible(query, keys[row][s])
                ? score(q, head * headDim, k, keyAt(row, s, kvHead))
                : Double.NEGATIVE_INFINITY;
      }
      double largest = Arrays.stream(scores).max().orElseThrow();
      if (largest == Double.NEGATIVE_INFINITY) continue;
      double sum = Arrays.stream(scores).map(score -> Math.exp(score - largest)).sum();
      for (int s = 0; s < scores.length; s++) {
        double weight = Math.exp(scores[s] - largest) / sum;
        for (int h = 0; h < headDim; h++) {
          out[head * headDim + h] += weight * v[keyAt(row, s, kvHead) + h];
        }
      }
    }
    return out;
  }

  private int keyAt(int row, int s, int kvHead) {
    return ((row * keys[0].length + s) * spec.kvHeads() + kvHead) * spec.headDim();
  }

  private double score(double[] q, int query, double[] k, int key) {
    double dot = 0;
    for (int h = 0; h < spec.headDim(); h++) dot += q[query + h] * k[key + h];
    double scaled = spec.scale() * dot;
    if (spec.softcap().cap().isEmpty()) return scaled;
    double cap = spec.softcap().cap().getAsDouble();
    return cap * Math.tanh(scaled / cap);
  }
}
