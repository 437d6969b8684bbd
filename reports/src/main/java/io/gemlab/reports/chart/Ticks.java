package io.gemlab.reports.chart;

import io.gemlab.reports.Numbers;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * The marks of an axis, at numbers that people like: 1, 2 or 5 times a power of ten, or powers of
 * two.
 *
 * @param bounds what the axis covers
 * @param marks the marks inside the bounds, ascending
 */
record Ticks(Bounds bounds, List<Tick> marks) {
  /** One mark. */
  record Tick(double value, String label) {}

  private static final double[] WHOLE = {1};

  /** Marks of a decade, from the finest on. */
  private static final double[][] BETWEEN_DECADES = {{1, 1.5, 2, 3, 5, 7}, {1, 2, 5}, {1, 3}};

  /**
   * Marks of an axis that ends where the values end.
   *
   * @param most how many marks there is room for, 2 or more
   */
  static Ticks inside(Spacing spacing, Bounds bounds, int most) {
    return new Ticks(bounds, marks(spacing, bounds, most));
  }

  /**
   * Marks of an axis that is a little longer than its values.
   *
   * @param most how many marks there is room for, 2 or more
   */
  static Ticks around(Spacing spacing, Bounds bounds, int most) {
    return inside(spacing, bounds.wider(spacing), most);
  }

  /**
   * Marks of an axis that ends at marks where it is linear, and a little beyond its values
   * otherwise.
   *
   * @param most how many marks there is room for, 2 or more
   */
  static Ticks covering(Spacing spacing, Bounds bounds, int most) {
    if (spacing != Spacing.LINEAR) return around(spacing, bounds, most);
    Step step = Step.of(bounds, most);
    Bounds wider =
        new Bounds(step.times(step.floor(bounds.low())), step.times(step.ceil(bounds.high())));
    return new Ticks(wider, step.marks(wider));
  }

  private static List<Tick> marks(Spacing spacing, Bounds bounds, int most) {
    return switch (spacing) {
      case LINEAR -> Step.of(bounds, most).marks(bounds);
      case LOG -> decades(bounds, most);
      case LOG2 -> {
        double doublings = bounds.ratioLog() / Math.log(2);
        List<Tick> ticks = powers(2, stride(doublings, most), bounds, WHOLE);
        yield ticks.size() < 2 && doublings < 2 ? Step.of(bounds, most).marks(bounds) : ticks;
      }
    };
  }

  /** Powers of ten, with marks between them where there is room. */
  private static List<Tick> decades(Bounds bounds, int most) {
    double decades = bounds.ratioLog() / Math.log(10);
    for (double[] factors : BETWEEN_DECADES) {
      if (decades * factors.length > most) continue;
      List<Tick> ticks = powers(10, 1, bounds, factors);
      if (2 <= ticks.size() && ticks.size() <= most) return ticks;
    }
    // A short axis may have no two of them on it.
    if (decades < 1) return Step.of(bounds, most).marks(bounds);
    return powers(10, stride(decades, most), bounds, WHOLE);
  }

  private static int stride(double powers, int most) {
    return Math.max(1, (int) Math.ceil(powers / most));
  }

  /** Every {@code stride}-th power of the base, times each factor. */
  private static List<Tick> powers(int base, int stride, Bounds bounds, double[] factors) {
    List<Tick> ticks = new ArrayList<>();
    int first = (int) Math.floor(Math.log(bounds.low()) / Math.log(base)) - 1;
    int last = (int) Math.ceil(Math.log(bounds.high()) / Math.log(base)) + 1;
    for (int exponent = Math.floorDiv(first, stride) * stride;
        exponent <= last;
        exponent += stride) {
      for (double factor : factors) {
        // Powers of ten through their text, since Math.pow(10, -3) need not be the double 0.001.
        double value =
            base == 10
                ? BigDecimal.valueOf(factor).scaleByPowerOfTen(exponent).doubleValue()
                : factor * Math.pow(base, exponent);
        if (bounds.low() <= value && value <= bounds.high()) {
          ticks.add(new Tick(value, Numbers.exact(value)));
        }
      }
    }
    return ticks;
  }

  /** Share of a step by which a value may miss a mark and still be on it: 0.3 / 0.1 is below 3. */
  private static final double ROUNDING = 1e-9;

  /** A distance between marks: {@code digit * 10^exponent}. */
  private record Step(int digit, int exponent) {
    /** The smallest step that leaves at most this many marks. */
    static Step of(Bounds bounds, int most) {
      double least = (bounds.high() - bounds.low()) / Math.max(1, most - 1);
      int exponent = (int) Math.floor(Math.log10(least));
      for (int digit : new int[] {1, 2, 5}) {
        Step step = new Step(digit, exponent);
        if (step.size() >= least) return step;
      }
      return new Step(1, exponent + 1);
    }

    /** How many steps it is from zero to the mark at or below the value. */
    double floor(double value) {
      return Math.floor(value / size() + ROUNDING);
    }

    /** How many steps it is from zero to the mark at or above the value. */
    double ceil(double value) {
      return Math.ceil(value / size() - ROUNDING);
    }

    double size() {
      return times(1);
    }

    /** A multiple of the step, without the rounding that repeated addition brings. */
    double times(double count) {
      return new BigDecimal(count)
          .multiply(BigDecimal.valueOf(digit))
          .scaleByPowerOfTen(exponent)
          .doubleValue();
    }

    List<Tick> marks(Bounds bounds) {
      List<Tick> ticks = new ArrayList<>();
      double last = floor(bounds.high());
      for (double count = ceil(bounds.low()); count <= last; count++) {
        ticks.add(new Tick(times(count), label(times(count), bounds)));
      }
      return ticks;
    }

    private String label(double value, Bounds bounds) {
      double largest = Math.max(Math.abs(bounds.low()), Math.abs(bounds.high()));
      boolean plain = exponent >= -6 && largest < 1e7;
      return plain ? Numbers.decimals(value, Math.max(0, -exponent)) : Numbers.exact(value);
    }
  }
}
