package io.gemlab.reports.statistics.items;

/** What a score is made of the items' values by: a function of their weighted mean. */
public enum Aggregate {
  /** The mean itself. */
  MEAN,
  /** {@code exp(-mean)} of log-likelihoods: per item, word, byte or token, as they are weighted. */
  PERPLEXITY,
  /** {@code -mean / ln 2} of log-likelihoods. */
  BITS;

  /** The score of a mean. */
  public double of(double mean) {
    return switch (this) {
      case MEAN -> mean;
      case PERPLEXITY -> Math.exp(-mean);
      case BITS -> -mean / Math.log(2);
    };
  }

  /** How much the score changes with the mean, without its sign. */
  double slope(double mean) {
    return switch (this) {
      case MEAN -> 1;
      case PERPLEXITY -> Math.exp(-mean);
      case BITS -> 1 / Math.log(2);
    };
  }
}
