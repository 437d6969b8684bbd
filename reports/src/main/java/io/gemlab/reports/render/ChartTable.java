package io.gemlab.reports.render;

import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.BarChart;
import io.gemlab.reports.chart.Chart;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.chart.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The data of a chart as a table: for readers of Markdown, for ears, and for copying. Curves of
 * many points are thinned, and the caption says so; {@code report.json} has them all.
 */
final class ChartTable {
  /** Rows that a thinned curve keeps. */
  private static final int ROWS = 12;

  private ChartTable() {}

  static Block.Table of(Chart chart) {
    return switch (chart) {
      case LineChart line -> of(line);
      case BarChart bar -> of(bar);
      case IntervalChart interval -> of(interval);
    };
  }

  private static Block.Table of(LineChart chart) {
    TreeSet<Double> xs = new TreeSet<>();
    for (LineChart.Series series : chart.series()) {
      series.points().forEach(point -> xs.add(point.x()));
    }
    List<Double> all = List.copyOf(xs);
    List<Double> kept = all;
    String caption = chart.y().quantity().label() + " by " + chart.x().quantity().name();
    if (all.size() > ROWS) {
      kept = new ArrayList<>();
      for (int row = 0; row < ROWS; row++) {
        kept.add(all.get((int) Math.round(row * (all.size() - 1.0) / (ROWS - 1))));
      }
      caption += ", " + ROWS + " of " + all.size() + " points; report.json has all";
    }
    List<Column> columns = new ArrayList<>();
    columns.add(Column.number(chart.x().quantity()));
    for (LineChart.Series series : chart.series()) {
      columns.add(Column.estimate(new Quantity(named(series.name()), chart.y().quantity().unit())));
    }
    List<List<Cell>> rows = new ArrayList<>();
    for (double x : kept) {
      List<Cell> row = new ArrayList<>();
      row.add(Cell.number(x));
      for (LineChart.Series series : chart.series()) row.add(cell(series, x));
      rows.add(row);
    }
    return new Block.Table(caption, columns, rows);
  }

  private static Cell cell(LineChart.Series series, double x) {
    return series.points().stream()
        .filter(point -> point.x() == x)
        .findFirst()
        .map(
            point ->
                point
                    .spread()
                    .map(spread -> Cell.estimate(point.y(), spread))
                    .orElseGet(() -> Cell.number(point.y())))
        .orElseGet(() -> Cell.missing("–"));
  }

  private static Block.Table of(BarChart chart) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("group"));
    for (String series : chart.series()) {
      columns.add(Column.estimate(new Quantity(named(series), chart.axis().unit())));
    }
    List<List<Cell>> rows = new ArrayList<>();
    for (BarChart.Group group : chart.groups()) {
      List<Cell> row = new ArrayList<>();
      row.add(Cell.text(group.name()));
      group.bars().forEach(bar -> row.add(cell(bar)));
      rows.add(row);
    }
    return new Block.Table(chart.axis().label(), columns, rows);
  }

  private static Block.Table of(IntervalChart chart) {
    boolean headings = chart.groups().stream().anyMatch(group -> !group.heading().isEmpty());
    List<Column> columns = new ArrayList<>();
    if (headings) columns.add(Column.text("group"));
    columns.add(Column.text("effect"));
    columns.add(Column.estimate(chart.axis().quantity()));
    List<List<Cell>> rows = new ArrayList<>();
    for (IntervalChart.Group group : chart.groups()) {
      for (IntervalChart.Row effect : group.rows()) {
        List<Cell> row = new ArrayList<>();
        if (headings) row.add(Cell.text(group.heading()));
        row.add(Cell.text(effect.name()));
        row.add(cell(effect.effect()));
        rows.add(row);
      }
    }
    return new Block.Table(chart.axis().quantity().label(), columns, rows);
  }

  private static Cell cell(Value value) {
    return switch (value) {
      case Value.Measured measured ->
          measured
              .interval()
              .map(interval -> Cell.estimate(measured.number(), interval))
              .orElseGet(() -> Cell.number(measured.number()));
      case Value.Missing missing -> Cell.missing(missing.reason());
    };
  }

  /** A heading for a series that may have no name. */
  private static String named(String series) {
    return Optional.of(series).filter(name -> !name.isBlank()).orElse("value");
  }
}
