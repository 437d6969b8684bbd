package io.gemlab.reports.render;

import io.gemlab.reports.statistics.Interval;

/** One cell of a table: a value, not how it looks. */
public sealed interface Cell {
  /** Words. */
  static Cell text(String text) {
    return new Text(text);
  }

  /** A number; any double, since a run that diverged ends with NaN. */
  static Cell number(double value) {
    return new Number(value);
  }

  /** A number and its confidence interval. */
  static Cell estimate(double value, Interval interval) {
    return new Estimate(value, interval);
  }

  /** A p-value, in [0, 1]. */
  static Cell pValue(double p) {
    return new PValue(p);
  }

  /** Nothing, and why: "refused", "not run". */
  static Cell missing(String reason) {
    return new Missing(reason);
  }

  /** Words. */
  record Text(String text) implements Cell {}

  /** A number. */
  record Number(double value) implements Cell {}

  /** A number and its confidence interval. */
  record Estimate(double value, Interval interval) implements Cell {}

  /** A p-value. */
  record PValue(double p) implements Cell {
    public PValue {
      if (!(p >= 0 && p <= 1)) {
        throw new IllegalArgumentException("p-value is " + p + "; it lies in [0, 1]");
      }
    }
  }

  /** Nothing, and why. */
  record Missing(String reason) implements Cell {}
}
