package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The keys and values of a head that its queries see.
 *
 * @param keys rows of [H] in bfloat16, this head's and others'
 * @param values likewise
 * @param headDim H
 * @param visible which rows
 */
record KvHead(MemorySegment keys, MemorySegment values, int headDim, long[] visible) {
  private static final Bfloat16Rows ROWS = new Bfloat16Rows();

  /**
   * The values' sum for each query that shares the head, [G, H].
   *
   * @param queries [G, H]
   * @param scale what scores are multiplied by
   * @param cap the cap; infinite for none
   */
  float[][] attend(float[][] queries, float scale, float cap) {
    float[][] probabilities = scores(queries);
    for (float[] row : probabilities) {
      limit(row, scale, cap);
      softmax(row);
    }
    float[][] sums = new float[queries.length][headDim];
    for (int g = 0; g < sums.length; g++) {
      ROWS.add(values, visible, headDim, probabilities[g], sums[g]);
    }
    for (int g = 0; g < sums.length; g++) sums[g] = ROWS.natural(sums[g]);
    return sums;
  }

  /** [G, visible] and zeros up to a whole vector. */
  private float[][] scores(float[][] queries) {
    int[][] arranged = new int[queries.length][];
    for (int g = 0; g < arranged.length; g++) arranged[g] = ROWS.arrange(queries[g]);
    float[][] scores = new float[queries.length][(visible.length + COUNT - 1) / COUNT * COUNT];
    for (int i = 0; i < visible.length; i++) {
      for (int g = 0; g < scores.length; g++) {
        scores[g][i] = ROWS.dot(keys, MemorySegment.NULL, visible[i], headDim, arranged[g]);
      }
    }
    return scores;
  }

  /** Scores are rounded to bfloat16 first, as a product in it is. */
  private static void limit(float[] scores, float scale, float cap) {
    for (int i = 0; i < scores.length; i += COUNT) {
      FloatVector x = Lanes.rounded(FloatVector.fromArray(FLOATS, scores, i)).mul(scale);
      if (cap < Float.POSITIVE_INFINITY) x = VectorMath.tanh(x.mul(1 / cap)).mul(cap);
      x.intoArray(scores, i);
    }
  }

  /** Rounded to bfloat16 at the end. */
  private void softmax(float[] scores) {
    for (int i = visible.length; i < scores.length; i++) scores[i] = Float.NEGATIVE_INFINITY;
    FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < scores.length; i += COUNT) {
      largest = Lanes.larger(largest, FloatVector.fromArray(FLOATS, scores, i));
    }
    float max = Lanes.max(largest);
    FloatVector total = FloatVector.zero(FLOATS);
    for (int i = 0; i < scores.length; i += COUNT) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(FLOATS, scores, i).sub(max));
      e.intoArray(scores, i);
      total = total.add(e);
    }
    float sum = Lanes.sum(total);
    for (int i = 0; i < scores.length; i += COUNT) {
      Lanes.rounded(FloatVector.fromArray(FLOATS, scores, i).div(sum)).intoArray(scores, i);
    }
  }
}
