package io.gemlab.experiments.serve.batch;

import java.util.Optional;

/**
 * What is told of a token.
 *
 * @param token its spelling, blanks as blanks
 * @param offset where its text begins in the answer's
 * @param scored how probable it is; empty of a text's first token, which has none before it
 */
public record TokenReport(String token, int offset, Optional<Scored> scored) {
  /**
   * How probable a token is where it stands, and which is likeliest there.
   *
   * @param logProbability natural logarithm
   * @param likeliest spelling of the likeliest token
   * @param likeliestLogProbability natural logarithm
   */
  public record Scored(float logProbability, String likeliest, float likeliestLogProbability) {}
}
