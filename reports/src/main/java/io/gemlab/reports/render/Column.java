package io.gemlab.reports.render;

import io.gemlab.reports.Quantity;

/**
 * A column of a table.
 *
 * @param quantity its heading and unit
 * @param kind what its cells hold
 */
public record Column(Quantity quantity, Kind kind) {
  /** What the cells of a column hold; each kind also takes {@link Cell.Missing}. */
  public enum Kind {
    /** {@link Cell.Text}, on the left. */
    TEXT,
    /** {@link Cell.Number}, on the right. */
    NUMBER,
    /** {@link Cell.Estimate}, or {@link Cell.Number} for one without uncertainty; on the right. */
    ESTIMATE,
    /** {@link Cell.PValue}, on the right. */
    P_VALUE;

    boolean holds(Cell cell) {
      return switch (cell) {
        case Cell.Text text -> this == TEXT;
        case Cell.Number number -> this == NUMBER || this == ESTIMATE;
        case Cell.Estimate estimate -> this == ESTIMATE;
        case Cell.PValue p -> this == P_VALUE;
        case Cell.Missing missing -> true;
      };
    }
  }

  /** A column of words. */
  public static Column text(String name) {
    return new Column(Quantity.of(name), Kind.TEXT);
  }

  /** A column of numbers. */
  public static Column number(Quantity quantity) {
    return new Column(quantity, Kind.NUMBER);
  }

  /** A column of numbers with confidence intervals. */
  public static Column estimate(Quantity quantity) {
    return new Column(quantity, Kind.ESTIMATE);
  }

  /** A column of p-values. */
  public static Column pValue(String name) {
    return new Column(Quantity.of(name), Kind.P_VALUE);
  }
}
