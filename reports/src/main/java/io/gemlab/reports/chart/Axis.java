package io.gemlab.reports.chart;

import io.gemlab.reports.Quantity;

/**
 * One axis of a chart.
 *
 * @param quantity what it measures, with the unit
 * @param spacing how values are laid out along it
 */
public record Axis(Quantity quantity, Spacing spacing) {
  /** An axis on which equal differences are equal distances. */
  public static Axis linear(Quantity quantity) {
    return new Axis(quantity, Spacing.LINEAR);
  }

  /** An axis in powers of ten. */
  public static Axis log(Quantity quantity) {
    return new Axis(quantity, Spacing.LOG);
  }

  /** An axis in powers of two, as lengths and batch sizes grow. */
  public static Axis log2(Quantity quantity) {
    return new Axis(quantity, Spacing.LOG2);
  }
}
