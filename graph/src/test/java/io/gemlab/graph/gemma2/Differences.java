package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.base.batch.TokenBatch;
import java.util.List;

/** How far two tensors are apart. */
final class Differences {
  private Differences() {}

  /** The largest absolute value. */
  static double size(float[] values) {
    double largest = 0;
    for (float value : values) largest = Math.max(largest, Math.abs(value));
    return largest;
  }

  /** The largest absolute difference; NaN counts as one without end. */
  static double largest(float[] got, float[] want) {
    assertEquals(want.length, got.length);
    double largest = 0;
    for (int i = 0; i < got.length; i++) largest = Math.max(largest, apart(got[i], want[i]));
    return largest;
  }

  /** The same over [B, T, ...], where the token is not padding: there values mean nothing. */
  static double largestAtTokens(float[] got, float[] want, TokenBatch batch) {
    assertEquals(want.length, got.length);
    int width = got.length / (batch.rows() * batch.length());
    double largest = 0;
    for (int i = 0; i < got.length; i++) {
      int token = i / width;
      if (batch.attentionMask()[token / batch.length()][token % batch.length()] == 0) continue;
      largest = Math.max(largest, apart(got[i], want[i]));
    }
    return largest;
  }

  /** The share of differences no larger than {@code within}. */
  static double shareWithin(double within, List<Double> differences) {
    return (double) differences.stream().filter(difference -> difference <= within).count()
        / differences.size();
  }

  private static double apart(float got, float want) {
    double difference = Math.abs((double) got - want);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }
}
