package io.gemlab.graph.score;

import java.util.Arrays;

/**
 * What a model says of a continuation, token by token.
 *
 * @param logProbabilities natural logarithm of each token's probability
 * @param likeliest the id that the model finds likeliest in its place
 * @param likeliestLogProbabilities of those ids
 */
public record TokenScores(
    float[] logProbabilities, int[] likeliest, float[] likeliestLogProbabilities) {

  /** Room for the scores of a continuation. */
  static TokenScores ofLength(int tokens) {
    return new TokenScores(new float[tokens], new int[tokens], new float[tokens]);
  }

  /** The natural logarithm of the whole continuation's probability, added up in float64. */
  public double logLikelihood() {
    double sum = 0;
    for (float one : logProbabilities) sum += one;
    return sum;
  }

  /** Whether greedy decoding would give this very continuation. */
  public boolean isGreedy(TokenRequest request) {
    return Arrays.equals(likeliest, request.continuation());
  }
}
