package io.gemlab.experiments.ablate.run;

/**
 * How far logits are from a reference, over all positions. {@code largest} is no finite number
 * where a logit is none, and a position that holds NaN agrees with nothing.
 *
 * @param largest the largest absolute difference of two logits
 * @param meanKl the mean of KL(softmax(reference) || softmax(logits)) over positions, nats
 * @param top1Agreement the share of positions with the same largest logit
 */
record LogitDifference(double largest, double meanKl, double top1Agreement) {

  /**
   * Compares in float64.
   *
   * @param reference [M, V]
   * @param logits the same shape
   * @param vocabSize V
   */
  static LogitDifference of(float[] reference, float[] logits, int vocabSize) {
    int positions = reference.length / vocabSize;
    double largest = 0;
    double kl = 0;
    int same = 0;
    for (int m = 0; m < positions; m++) {
      int from = m * vocabSize;
      double p = logSumExp(reference, from, vocabSize);
      double q = logSumExp(logits, from, vocabSize);
      int bestReference = from;
      int best = from;
      for (int i = from; i < from + vocabSize; i++) {
        largest = Math.max(largest, Math.abs((double) reference[i] - logits[i]));
        double logP = reference[i] - p;
        kl += Math.exp(logP) * (logP - (logits[i] - q));
        if (reference[i] > reference[bestReference]) bestReference = i;
        if (logits[i] > logits[best]) best = i;
      }
      if (best == bestReference && Double.isFinite(p) && Double.isFinite(q)) same++;
    }
    return new LogitDifference(largest, Math.max(0, kl / positions), (double) same / positions);
  }

  private static double logSumExp(float[] logits, int from, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) max = Math.max(max, logits[i]);
    double sum = 0;
    for (int i = from; i < from + count; i++) sum += Math.exp(logits[i] - max);
    return max + Math.log(sum);
  }
}
