package io.gemlab.reports.chart;

/**
 * The range of values that an axis has to cover.
 *
 * @param low the smallest
 * @param high the largest, above {@code low}
 */
record Bounds(double low, double high) {
  /** Beyond this, differences of doubles overflow; nothing that we measure comes near. */
  static final double LARGEST = 1e200;

  /** The smallest that an axis of ratios shows. */
  static final double SMALLEST = 1e-200;

  /** Relative to their size, values closer than this look the same and are rounding. */
  private static final double SAME = 1e-11;

  /** Share of an axis that lies beyond its values on either side. */
  private static final double PADDING = 0.04;

  Bounds {
    if (!(low < high)) throw new IllegalArgumentException("bounds [" + low + ", " + high + "]");
  }

  /** The bounds of the values from {@code min} to {@code max}, made wider where they are equal. */
  static Bounds of(Spacing spacing, double min, double max) {
    double size = Math.max(Math.abs(min), Math.abs(max));
    if (spacing != Spacing.LINEAR) {
      return max / min > 1 + SAME ? new Bounds(min, max) : new Bounds(min / 2, max * 2);
    }
    if (max - min > Math.max(SAME * size, SMALLEST)) return new Bounds(min, max);
    double around = size > SMALLEST ? size / 2 : 1;
    return new Bounds(min - around, max + around);
  }

  /** The natural logarithm of high / low, of positive bounds; the ratio itself may overflow. */
  double ratioLog() {
    return Math.log(high) - Math.log(low);
  }

  /** Bounds that leave some room beyond the values on either side. */
  Bounds wider(Spacing spacing) {
    if (spacing == Spacing.LINEAR) {
      double more = PADDING * (high - low);
      return new Bounds(low - more, high + more);
    }
    double factor = Math.exp(PADDING * ratioLog());
    return new Bounds(low / factor, high * factor);
  }
}
