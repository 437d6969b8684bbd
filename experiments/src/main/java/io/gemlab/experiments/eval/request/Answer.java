package io.gemlab.experiments.eval.request;

/** What a model says to a request. */
public sealed interface Answer {
  /**
   * How likely a continuation or a text is.
   *
   * @param logLikelihood the natural logarithm of its probability
   * @param greedy whether each of its tokens is the likeliest in its place
   * @param tokens how many tokens were scored
   */
  record Likelihood(double logLikelihood, boolean greedy, int tokens) implements Answer {}

  /**
   * What follows.
   *
   * @param text without what ended it
   * @param tokens how many were generated
   */
  record Text(String text, int tokens) implements Answer {}
}
