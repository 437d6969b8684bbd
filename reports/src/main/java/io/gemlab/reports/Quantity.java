package io.gemlab.reports;

/**
 * What a number measures, and in which unit: an axis, a column, a measure of an experiment.
 *
 * @param name such as {@code step time}; not blank
 * @param unit such as {@code ms}; empty for a number without unit
 */
public record Quantity(String name, String unit) {
  public Quantity {
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "a quantity has no name (unit \"" + unit + "\"); say what is measured");
    }
  }

  /** A quantity without unit, such as a count. */
  public static Quantity of(String name) {
    return new Quantity(name, "");
  }

  /** The name, with the unit in brackets: {@code step time (ms)}. */
  public String label() {
    return unit.isEmpty() ? name : name + " (" + unit + ")";
  }
}
