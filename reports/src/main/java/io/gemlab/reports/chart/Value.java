package io.gemlab.reports.chart;

import io.gemlab.reports.Numbers;
import io.gemlab.reports.statistics.Interval;
import java.util.Optional;

/** What a bar or a row of a chart shows. */
public sealed interface Value {
  /** A number without uncertainty. */
  static Value of(double number) {
    return new Measured(number, Optional.empty());
  }

  /** A number and its confidence interval. */
  static Value of(double number, Interval interval) {
    return new Measured(number, Optional.of(interval));
  }

  /** Nothing to show, and why: "refused", "out of memory". */
  static Value missing(String reason) {
    return new Missing(reason);
  }

  /**
   * A number.
   *
   * @param number finite, and no larger than 1e200
   * @param interval its confidence interval, if there is one
   */
  record Measured(double number, Optional<Interval> interval) implements Value {
    public Measured {
      if (!Spacing.LINEAR.has(number)) {
        throw new IllegalArgumentException(
            "a chart can't show " + number + "; use Value.missing with the reason");
      }
      interval.ifPresent(
          ends -> {
            if (!Spacing.LINEAR.has(ends.low()) || !Spacing.LINEAR.has(ends.high())) {
              throw new IllegalArgumentException(
                  "a chart can't show the interval [" + ends.low() + ", " + ends.high() + "]");
            }
          });
    }

    double low() {
      return interval.map(ends -> Math.min(ends.low(), number)).orElse(number);
    }

    double high() {
      return interval.map(ends -> Math.max(ends.high(), number)).orElse(number);
    }

    /** The number, with the digits that its interval supports. */
    String text() {
      return interval
          .filter(ends -> ends.halfWidth() > 0 && Math.abs(number) < 1e7)
          .map(ends -> Numbers.decimals(number, Numbers.decimalsFor(ends.halfWidth())))
          .orElseGet(() -> Numbers.significant(number, 3));
    }
  }

  /**
   * No number.
   *
   * @param reason why not, in a word or two
   */
  record Missing(String reason) implements Value {
    public Missing {
      if (reason.isBlank()) {
        throw new IllegalArgumentException("a missing value has no reason; say why it is missing");
      }
    }
  }
}
