package io.gemlab.reports.chart;

/** How values are laid out along an axis. */
public enum Spacing {
  /** Equal differences are equal distances. */
  LINEAR,
  /** Equal ratios are equal distances, marks at powers of ten. Positive values only. */
  LOG,
  /** Equal ratios are equal distances, marks at powers of two. Positive values only. */
  LOG2;

  /** Whether a value has a place on such an axis. */
  boolean has(double value) {
    return Math.abs(value) <= Bounds.LARGEST && (this == LINEAR || value >= Bounds.SMALLEST);
  }

  /** The value on the scale on which distances add up. */
  double forward(double value) {
    return this == LINEAR ? value : Math.log(value);
  }
}
