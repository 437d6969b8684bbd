package io.gemlab.reports.chart;

/**
 * Where a value lies in the picture.
 *
 * @param spacing how values are laid out
 * @param bounds the values at the two ends
 * @param start the px of the lower end
 * @param end the px of the upper end; below {@code start} on an upright axis
 */
record Ruler(Spacing spacing, Bounds bounds, double start, double end) {
  double at(double value) {
    double low = spacing.forward(bounds.low());
    double high = spacing.forward(bounds.high());
    return start + (end - start) * ((spacing.forward(value) - low) / (high - low));
  }
}
