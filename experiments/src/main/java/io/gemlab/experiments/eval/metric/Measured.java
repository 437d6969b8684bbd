package io.gemlab.experiments.eval.metric;

/**
 * What a metric made of an item.
 *
 * @param value such as 1 for a right answer, or a log-likelihood
 * @param weight what the value is over, such as the text's words; 1 in a plain mean
 */
public record Measured(double value, double weight) {
  static Measured of(double value) {
    return new Measured(value, 1);
  }

  static Measured of(boolean right) {
    return of(right ? 1 : 0);
  }
}
