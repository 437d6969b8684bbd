package io.gemlab.reports.render;

import io.gemlab.reports.Numbers;
import io.gemlab.reports.statistics.Interval;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.DoubleStream;

/**
 * How the cells of one column are written. A column of like numbers has the same decimals in all
 * rows, so that they can be compared by eye; one over many orders of magnitude has significant
 * digits instead.
 */
final class CellText {
  /** Significant digits that the smallest number of a column keeps. */
  private static final int DIGITS = 3;

  /** Largest ratio of numbers that share their decimals. */
  private static final double ALIKE = 1e4;

  /** Outside these, numbers need powers of ten to be read. */
  private static final double SMALLEST = 1e-4;

  private static final double LARGEST = 1e7;

  private final OptionalInt decimals;
  private final boolean whole;

  private CellText(OptionalInt decimals, boolean whole) {
    this.decimals = decimals;
    this.whole = whole;
  }

  /** The writing of a column, by all of its cells. */
  static CellText of(List<Cell> column) {
    double[] numbers = column.stream().flatMapToDouble(CellText::numbers).toArray();
    double[] sizes = DoubleStream.of(numbers).map(Math::abs).filter(size -> size > 0).toArray();
    OptionalDouble largest = DoubleStream.of(sizes).max();
    double[] halves = column.stream().flatMapToDouble(CellText::halfWidth).toArray();
    OptionalDouble narrowest = DoubleStream.of(halves).min();
    boolean readable =
        largest.isPresent() && largest.getAsDouble() < LARGEST && largest.getAsDouble() >= SMALLEST;
    if (!readable) return new CellText(OptionalInt.empty(), false);
    if (narrowest.isPresent()) {
      double widest = DoubleStream.of(halves).max().orElseThrow();
      return widest / narrowest.getAsDouble() < ALIKE
          ? new CellText(
              OptionalInt.of(Numbers.decimalsFor(narrowest.getAsDouble(), widest)), false)
          : new CellText(OptionalInt.empty(), false);
    }
    if (DoubleStream.of(numbers).allMatch(number -> number == Math.rint(number))) {
      return new CellText(OptionalInt.empty(), true);
    }
    double smallest = DoubleStream.of(sizes).min().orElseThrow();
    if (smallest < SMALLEST || largest.getAsDouble() / smallest >= ALIKE) {
      return new CellText(OptionalInt.empty(), false);
    }
    int exponent = (int) Math.floor(Math.log10(smallest));
    return new CellText(OptionalInt.of(Math.max(0, DIGITS - 1 - exponent)), false);
  }

  String text(Cell cell) {
    return switch (cell) {
      case Cell.Text text -> text.text();
      case Cell.Number number -> number(number.value());
      case Cell.Estimate estimate ->
          number(estimate.value())
              + " ["
              + number(estimate.interval().low())
              + ", "
              + number(estimate.interval().high())
              + "]";
      case Cell.PValue p -> Numbers.pValue(p.p());
      case Cell.Missing missing -> missing.reason();
    };
  }

  private String number(double value) {
    if (whole) return Numbers.exact(value);
    return decimals.isPresent()
        ? Numbers.decimals(value, decimals.getAsInt())
        : Numbers.significant(value, DIGITS);
  }

  private static DoubleStream numbers(Cell cell) {
    return switch (cell) {
      case Cell.Number number -> DoubleStream.of(number.value()).filter(Double::isFinite);
      case Cell.Estimate estimate ->
          DoubleStream.of(estimate.value(), estimate.interval().low(), estimate.interval().high());
      case Cell.Text text -> DoubleStream.empty();
      case Cell.PValue p -> DoubleStream.empty();
      case Cell.Missing missing -> DoubleStream.empty();
    };
  }

  private static DoubleStream halfWidth(Cell cell) {
    return cell instanceof Cell.Estimate estimate && estimate.interval().halfWidth() > 0
        ? DoubleStream.of(estimate.interval().halfWidth())
        : DoubleStream.empty();
  }

  /** What the heading of a column says under its name: the unit, and the level of its intervals. */
  static String subheading(Column column, List<Cell> cells) {
    String level =
        cells.stream()
            .filter(Cell.Estimate.class::isInstance)
            .map(cell -> ((Cell.Estimate) cell).interval())
            .findFirst()
            .map(CellText::level)
            .orElse("");
    String unit = column.quantity().unit();
    return unit.isEmpty() || level.isEmpty() ? unit + level : unit + ", " + level;
  }

  private static String level(Interval interval) {
    return "[" + Numbers.exact(100 * interval.confidence().level()) + " % CI]";
  }
}
