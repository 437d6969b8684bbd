package io.gemlab.experiments.eval.report;

import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.result.EvalResult;
import io.gemlab.experiments.eval.result.GroupResult;
import io.gemlab.experiments.eval.result.TaskResult;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.items.Aggregate;
import io.gemlab.reports.statistics.items.ItemScore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Scores of tasks and groups: a figure and tables. */
record ScoreBlocks(EvalResult result) {
  /** Scores that lie between 0 and 1, and those that don't, have tables of their own. */
  private static final List<String> BITS = List.of("bits_per_byte");

  private static final List<String> MAIN = List.of("acc_norm", "acc");

  private static final String CLUSTERED =
      " The interval, at 95\u00a0%, takes items that share a passage or the like as going together;"
          + " the first standard error, lm-evaluation-harness's, takes each for itself.";
  private static final String INDEPENDENT =
      " The interval, at 95\u00a0%, and the standard error take each item for itself.";

  /** The metric that a task is told by: the last of its own that the field quotes. */
  static Metric main(TaskResult task) {
    List<Metric> metrics = List.copyOf(task.scores().keySet());
    List<String> own = task.task().metrics().stream().map(metric -> metric.name()).toList();
    return quoted(metrics.stream().filter(metric -> own.contains(metric.name())).toList())
        .orElseGet(metrics::getFirst);
  }

  /** That which the field quotes, if it is among them. */
  static Optional<Metric> quoted(Collection<Metric> metrics) {
    return MAIN.stream()
        .flatMap(name -> metrics.stream().filter(metric -> metric.name().equals(name)))
        .findFirst();
  }

  /** A score with its interval. */
  static String text(ItemScore score) {
    Interval interval = score.interval(Confidence.NINETY_FIVE);
    if (!(interval.halfWidth() > 0)) return Numbers.significant(score.score(), 3);
    int decimals = Numbers.decimalsFor(interval.halfWidth());
    return "%s [%s, %s]"
        .formatted(
            Numbers.decimals(score.score(), decimals),
            Numbers.decimals(interval.low(), decimals),
            Numbers.decimals(interval.high(), decimals));
  }

  /** Tasks told by a share; empty where there are none. */
  Optional<Block> chart() {
    List<IntervalChart.Row> rows = new ArrayList<>();
    for (TaskResult task : result.tasks()) {
      Metric metric = main(task);
      if (!isShare(metric)) continue;
      ItemScore score = task.scores().get(metric);
      rows.add(
          new IntervalChart.Row(
              task.task().name() + ", " + metric.name(),
              Value.of(score.score(), score.interval(Confidence.NINETY_FIVE))));
    }
    if (rows.isEmpty()) return Optional.empty();
    return Optional.of(
        new Block.Figure(
            new IntervalChart(
                "Scores",
                Axis.linear(Quantity.of("score")),
                OptionalDouble.empty(),
                Optional.empty(),
                List.of(new IntervalChart.Group("", rows))),
            "Each task by its metric, with the 95\u00a0% interval of other items like these."));
  }

  private static boolean isShare(Metric metric) {
    return metric.aggregate() == Aggregate.MEAN && !BITS.contains(metric.name());
  }

  List<Block> tables() {
    List<Block> tables = new ArrayList<>();
    table(true, "Shares of 1: more is better, but for a Brier score.").ifPresent(tables::add);
    table(
            false,
            "Perplexities, and bits for each byte of a text or a right answer: less is better.")
        .ifPresent(tables::add);
    return tables;
  }

  /** A row of a table: a task's score by a metric. */
  private record Row(TaskResult task, Metric metric, ItemScore score) {}

  private Optional<Block> table(boolean shares, String caption) {
    List<Row> rows = new ArrayList<>();
    for (TaskResult task : result.tasks()) {
      for (Map.Entry<Metric, ItemScore> each : task.scores().entrySet()) {
        if (isShare(each.getKey()) == shares) {
          rows.add(new Row(task, each.getKey(), each.getValue()));
        }
      }
    }
    if (rows.isEmpty()) return Optional.empty();
    boolean clustered = rows.stream().anyMatch(row -> row.score().isClustered());
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("task"));
    columns.add(Column.text("metric"));
    columns.add(Column.estimate(Quantity.of("score")));
    if (shares) columns.add(Column.number(Quantity.of("chance")));
    columns.add(Column.number(Quantity.of("standard error")));
    if (clustered) {
      columns.add(Column.number(Quantity.of("clustered")));
      columns.add(Column.number(Quantity.of("clusters")));
    }
    columns.add(Column.number(Quantity.of("n")));
    columns.add(Column.number(Quantity.of("shots")));
    return Optional.of(
        new Block.Table(
            caption + (clustered ? CLUSTERED : INDEPENDENT),
            columns,
            rows.stream().map(row -> cells(row, shares, clustered)).toList()));
  }

  private static List<Cell> cells(Row row, boolean shares, boolean clustered) {
    ItemScore score = row.score();
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.text(row.task().task().name()));
    cells.add(Cell.text(row.metric().name()));
    cells.add(estimate(score));
    if (shares) cells.add(chance(row.task(), row.metric()));
    cells.add(number(score.standardError()));
    if (clustered) {
      cells.add(score.isClustered() ? number(score.clusteredError()) : Cell.missing("–"));
      cells.add(score.isClustered() ? Cell.number(score.clusters()) : Cell.missing("–"));
    }
    cells.add(Cell.number(score.n()));
    cells.add(Cell.number(row.task().task().shots()));
    return cells;
  }

  private static Cell estimate(ItemScore score) {
    return estimate(score.score(), score.interval(Confidence.NINETY_FIVE));
  }

  /** A value with its interval, where that has a width. */
  static Cell estimate(double value, Interval interval) {
    return interval.halfWidth() > 0 ? Cell.estimate(value, interval) : Cell.number(value);
  }

  /** Guessing is right as often as there are choices, whatever their lengths are divided by. */
  private static Cell chance(TaskResult task, Metric metric) {
    boolean guessed = metric.name().startsWith("acc") || metric.name().equals("prob");
    return guessed && task.chance().isPresent()
        ? Cell.number(task.chance().getAsDouble())
        : Cell.missing("–");
  }

  private static Cell number(double value) {
    return Double.isFinite(value) ? Cell.number(value) : Cell.missing("one item");
  }

  Block groups() {
    List<List<Cell>> rows = new ArrayList<>();
    for (GroupResult group : result.groups()) {
      group
          .scores()
          .forEach(
              (metric, score) ->
                  rows.add(
                      List.of(
                          Cell.text(group.group().name()),
                          Cell.text(metric),
                          estimate(score.score()),
                          number(score.pooledError()),
                          number(score.score().clusteredError()),
                          Cell.number(group.tasks().size()),
                          Cell.number(score.score().n()))));
    }
    return new Block.Table(
        "Groups. The interval, at 95\u00a0%, and the clustered error take the tasks for a sample of"
            + " tasks; the pooled standard error is lm-evaluation-harness's, for these tasks and no"
            + " others.",
        List.of(
            Column.text("group"),
            Column.text("metric"),
            Column.estimate(Quantity.of("score")),
            Column.number(Quantity.of("pooled error")),
            Column.number(Quantity.of("clustered")),
            Column.number(Quantity.of("tasks")),
            Column.number(Quantity.of("n"))),
        rows);
  }
}
