package io.gemlab.reports.statistics;

/**
 * A confidence interval, in the unit of the value that it belongs to.
 *
 * @param low the lower end, finite
 * @param high the upper end, finite, at least {@code low}
 * @param confidence how sure it is to hold the true value
 */
public record Interval(double low, double high, Confidence confidence) {
  public Interval {
    if (!Double.isFinite(low) || !Double.isFinite(high) || low > high) {
      throw new IllegalArgumentException(
          "interval is [" + low + ", " + high + "]; its ends are finite and in ascending order");
    }
  }

  /** Half the width: what stands behind ± where the interval is symmetric. */
  public double halfWidth() {
    return (high - low) / 2;
  }

  /** The interval in a unit of which {@code factor}, above 0, make one of this. */
  public Interval times(double factor) {
    return new Interval(low * factor, high * factor, confidence);
  }

  /** Whether the value lies in the interval, its ends included. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
