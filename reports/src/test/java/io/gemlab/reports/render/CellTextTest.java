package io.gemlab.reports.render;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class CellTextTest {
  @Test
  void likeNumbersShareTheirDecimals() {
    assertEquals(List.of("12.500", "0.567", "100.000"), numbers(12.5, 0.5667, 100));
    assertEquals(List.of("1234", "850"), numbers(1234.4, 850.2));
  }

  @Test
  void wholeNumbersStayWhole() {
    assertEquals(List.of("3", "0", "65,536"), numbers(3, 0, 65_536));
  }

  @Test
  void numbersOverManyOrdersHaveSignificantDigits() {
    assertEquals(List.of("3.10×10⁻⁷", "0.00120"), numbers(3.1e-7, 0.0012));
    assertEquals(List.of("0.0120", "12,345"), numbers(0.012, 12_345.4));
  }

  @Test
  void whatIsNotFiniteIsWrittenAndDoesNotDisturb() {
    assertEquals(List.of("NaN", "2.50", "∞"), numbers(Double.NaN, 2.5, Double.POSITIVE_INFINITY));
    assertEquals(List.of("NaN"), numbers(Double.NaN));
  }

  @Test
  void estimatesHaveTheDigitsOfTheirIntervals() {
    List<Cell> cells =
        List.of(estimate(2.41327, 0.012), estimate(2.5, 0.004), Cell.number(3), Cell.missing("–"));
    CellText text = CellText.of(cells);
    assertEquals(
        List.of("2.413 [2.401, 2.425]", "2.500 [2.496, 2.504]", "3.000", "–"),
        cells.stream().map(text::text).toList());
  }

  @Test
  void headingsNameUnitAndLevel() {
    List<Cell> cells = List.of(estimate(1, 0.1));
    assertEquals("[95 % CI]", CellText.subheading(Column.text("a"), cells));
  }

  private static Cell estimate(double value, double half) {
    return Cell.estimate(value, new Interval(value - half, value + half, Confidence.NINETY_FIVE));
  }

  private static List<String> numbers(double... values) {
    List<Cell> cells = DoubleStream.of(values).mapToObj(Cell::number).toList();
    CellText text = CellText.of(cells);
    return cells.stream().map(text::text).toList();
  }
}
