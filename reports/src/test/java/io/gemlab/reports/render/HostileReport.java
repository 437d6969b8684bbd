package io.gemlab.reports.render;

import io.gemlab.reports.Hostile;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.BarChart;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;

/** Reports of every block, with names and numbers that nobody should use. */
final class HostileReport {
  private final Random random;

  private HostileReport(Random random) {
    this.random = random;
  }

  static Report of(Random random) {
    return new HostileReport(random).report();
  }

  private Report report() {
    List<Report.Section> sections = new ArrayList<>();
    for (int i = 0; i < 3; i++) sections.add(new Report.Section(name(), blocks()));
    return new Report(name(), name(), name(), Hostile.name(random), blocks(), sections);
  }

  private List<Block> blocks() {
    return List.of(
        new Block.Paragraph(spans()),
        new Block.Bullets(List.of(new Block.Paragraph(spans()), new Block.Paragraph(spans()))),
        table(),
        new Block.Figure(line(), Hostile.name(random)),
        new Block.Figure(bars(), Hostile.name(random)),
        new Block.Figure(intervals(), Hostile.name(random)),
        new Block.Code("sh", Hostile.name(random)),
        new Block.Completion(name(), Hostile.name(random), Hostile.name(random)),
        new Block.KeyValues(
            List.of(new Block.KeyValues.Entry(Hostile.name(random), Hostile.name(random)))),
        new Block.Notice(Block.Notice.Kind.REFUSAL, new Block.Paragraph(spans())));
  }

  private List<Span> spans() {
    return List.of(
        new Span.Plain(name() + " "),
        new Span.Code(name()),
        new Span.Plain(" "),
        new Span.Strong(name()));
  }

  private Block.Table table() {
    List<Column> columns =
        List.of(
            Column.text(name()),
            Column.number(quantity()),
            Column.estimate(quantity()),
            Column.pValue(name()));
    List<List<Cell>> rows = new ArrayList<>();
    for (int row = random.nextInt(4); row > 0; row--) {
      rows.add(
          List.of(
              Cell.text(Hostile.name(random)),
              Cell.number(random.nextInt(4) == 0 ? Double.NaN : Hostile.number(random)),
              random.nextInt(4) == 0 ? Cell.missing(name()) : estimate(),
              Cell.pValue(random.nextDouble())));
    }
    return new Block.Table(Hostile.name(random), columns, rows);
  }

  private Cell estimate() {
    double value = Hostile.number(random);
    return Cell.estimate(value, interval(value));
  }

  private Interval interval(double value) {
    return new Interval(
        value - Math.abs(Hostile.number(random)), value + 1, Confidence.NINETY_FIVE);
  }

  private LineChart line() {
    List<LineChart.Point> points = new ArrayList<>();
    for (int x = 0; x < random.nextInt(30); x++) {
      double y = random.nextInt(5) == 0 ? Double.NEGATIVE_INFINITY : Hostile.number(random);
      points.add(LineChart.Point.of(x, y));
    }
    return new LineChart(
        name(),
        Axis.linear(quantity()),
        Axis.linear(quantity()),
        List.of(new LineChart.Series(Hostile.name(random), points)),
        List.of(new LineChart.Reference(name(), Hostile.number(random))));
  }

  private BarChart bars() {
    return new BarChart(
        name(),
        quantity(),
        List.of(Hostile.name(random)),
        List.of(new BarChart.Group(Hostile.name(random), List.of(Value.missing(name())))));
  }

  private IntervalChart intervals() {
    double value = Hostile.number(random);
    return new IntervalChart(
        name(),
        Axis.linear(quantity()),
        random.nextBoolean() ? OptionalDouble.of(0) : OptionalDouble.empty(),
        Optional.empty(),
        List.of(
            new IntervalChart.Group(
                Hostile.name(random),
                List.of(new IntervalChart.Row(name(), Value.of(value, interval(value)))))));
  }

  private Quantity quantity() {
    return new Quantity(name(), Hostile.name(random));
  }

  /** A name that is not blank. */
  private String name() {
    return "n" + Hostile.name(random);
  }
}
