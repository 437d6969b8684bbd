package io.gemlab.experiments.conformance;

import io.gemlab.graph.base.batch.TokenBatch;

/**
 * Logits to be compared.
 *
 * @param values [B, T, V] row-major, 0 where a token is padding: there they mean nothing
 */
record Logits(float[] values) {

  /**
   * @param values [B, T, V] row-major; those of padding are dropped
   */
  static Logits atTokens(float[] values, TokenBatch batch) {
    float[] kept = values.clone();
    int width = values.length / (batch.rows() * batch.length());
    for (int i = 0; i < kept.length; i++) {
      int token = i / width;
      if (batch.attentionMask()[token / batch.length()][token % batch.length()] == 0) kept[i] = 0;
    }
    return new Logits(kept);
  }

  /** The cosine of the angle between the two, all logits taken as one vector; NaN if one is. */
  double cosine(Logits other) {
    double dot = 0;
    double here = 0;
    double there = 0;
    for (int i = 0; i < values.length; i++) {
      dot += (double) values[i] * other.values[i];
      here += (double) values[i] * values[i];
      there += (double) other.values[i] * other.values[i];
    }
    return dot / Math.sqrt(here * there);
  }

  /** The largest absolute difference; NaN if one of them is no number. */
  double largestDifference(Logits other) {
    double largest = 0;
    for (int i = 0; i < values.length; i++) {
      largest = Math.max(largest, Math.abs((double) values[i] - other.values[i]));
    }
    return largest;
  }
}
