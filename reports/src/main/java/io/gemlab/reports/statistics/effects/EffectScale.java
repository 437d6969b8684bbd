package io.gemlab.reports.statistics.effects;

import io.gemlab.reports.statistics.Interval;

/** How the effects of factors combine. */
public enum EffectScale {
  /** Effects add up: a loss is 0.02 higher. No effect is 0. */
  DIFFERENCE {
    @Override
    double forward(double value) {
      return value;
    }

    @Override
    double back(double effect) {
      return effect;
    }
  },
  /**
   * Effects multiply, which suits times and memory: a step takes 1.2 times as long. No effect is 1.
   */
  RATIO {
    @Override
    double forward(double value) {
      if (value <= 0) {
        throw new IllegalArgumentException(
            "a measure of " + value + " has no ratios; use EffectScale.DIFFERENCE for it");
      }
      return Math.log(value);
    }

    @Override
    double back(double effect) {
      return Math.exp(effect);
    }
  };

  /** From the measure's unit to the scale on which effects add up. */
  abstract double forward(double value);

  /** From that scale back. */
  abstract double back(double effect);

  Interval back(Interval interval) {
    return new Interval(back(interval.low()), back(interval.high()), interval.confidence());
  }
}
