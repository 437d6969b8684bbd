package io.gemlab.experiments.eval.report;

import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.result.EarlierResult;
import io.gemlab.experiments.eval.result.TaskComparison;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Block.Notice;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.statistics.items.McNemar;
import io.gemlab.reports.statistics.items.PairedScores;
import io.gemlab.reports.statistics.paired.Holm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Two evaluations, item by item.
 *
 * @param earlier the other one
 * @param comparisons a task each
 */
record ComparisonBlocks(EarlierResult earlier, List<TaskComparison> comparisons) {

  List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    for (TaskComparison task : comparisons) {
      if (task.alone() == 0) continue;
      blocks.add(
          new Notice(
              Notice.Kind.WARNING,
              Block.Paragraph.of(
                  "%s: %d items are only in one of the two, or were asked otherwise; they are left out."
                      .formatted(task.task(), task.alone()))));
    }
    Map<String, List<TaskComparison>> byMetric = byMetric();
    if (byMetric.isEmpty()) {
      blocks.add(
          Block.Paragraph.of(
              "No task has two items that both were asked alike, so there is nothing to compare."));
      return blocks;
    }
    chart(byMetric).ifPresent(blocks::add);
    blocks.add(table(byMetric));
    return blocks;
  }

  /** A sentence a task, by the metric that most quote. */
  List<String> findings() {
    List<String> findings = new ArrayList<>();
    for (TaskComparison task : comparisons) {
      main(task)
          .ifPresent(
              metric -> {
                PairedScores scores = task.scores().get(metric);
                boolean apart = !scores.interval().contains(0);
                findings.add(
                    "%s, the same %d items: %s less that of %s is %s [%s, %s], %s."
                        .formatted(
                            task.task(),
                            scores.n(),
                            metric.name(),
                            earlier.name(),
                            Numbers.significant(scores.difference(), 2),
                            Numbers.significant(scores.interval().low(), 2),
                            Numbers.significant(scores.interval().high(), 2),
                            apart
                                ? "more than chance alone would make"
                                : "no more than chance makes"));
              });
    }
    return findings;
  }

  private static Optional<Metric> main(TaskComparison task) {
    return ScoreBlocks.quoted(task.scores().keySet())
        .or(() -> task.scores().keySet().stream().findFirst());
  }

  private Map<String, List<TaskComparison>> byMetric() {
    Map<String, List<TaskComparison>> byMetric = new LinkedHashMap<>();
    for (TaskComparison task : comparisons) {
      for (Metric metric : task.scores().keySet()) {
        byMetric.computeIfAbsent(metric.name(), _ -> new ArrayList<>()).add(task);
      }
    }
    return byMetric;
  }

  private static PairedScores scores(TaskComparison task, String metric) {
    return task.scores().entrySet().stream()
        .filter(each -> each.getKey().name().equals(metric))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private Optional<Block> chart(Map<String, List<TaskComparison>> byMetric) {
    List<IntervalChart.Group> groups = new ArrayList<>();
    for (String metric : List.of("acc", "acc_norm", "prob")) {
      List<IntervalChart.Row> rows =
          byMetric.getOrDefault(metric, List.of()).stream()
              .map(
                  task -> {
                    PairedScores scores = scores(task, metric);
                    return new IntervalChart.Row(
                        task.task(), Value.of(scores.difference(), scores.interval()));
                  })
              .toList();
      if (!rows.isEmpty()) groups.add(new IntervalChart.Group(metric, rows));
    }
    if (groups.isEmpty()) return Optional.empty();
    return Optional.of(
        new Block.Figure(
            new IntervalChart(
                "Difference from " + earlier.name(),
                Axis.linear(Quantity.of("this − " + earlier.name())),
                OptionalDouble.of(0),
                Optional.empty(),
                groups),
            "Differences on the same items, with their 95\u00a0% bootstrap intervals: one that leaves"
                + " out zero is a difference that chance alone seldom makes."));
  }

  private Block table(Map<String, List<TaskComparison>> byMetric) {
    List<List<Cell>> rows = new ArrayList<>();
    byMetric.forEach((metric, tasks) -> rows.addAll(rows(metric, tasks)));
    return new Block.Table(
        "Against "
            + earlier.name()
            + " ("
            + earlier.folder()
            + "), paired by item. The interval draws clusters of items anew. p is McNemar's exact"
            + " test of the answers that only one of the two has right, adjusted by Holm over the"
            + " tasks of a metric; there is one for right and wrong answers alone.",
        List.of(
            Column.text("metric"),
            Column.text("task"),
            Column.number(Quantity.of("this")),
            Column.number(Quantity.of("earlier")),
            Column.estimate(Quantity.of("difference")),
            Column.number(Quantity.of("only this right")),
            Column.number(Quantity.of("only earlier right")),
            Column.pValue("p"),
            Column.number(Quantity.of("n"))),
        rows);
  }

  private static List<List<Cell>> rows(String metric, List<TaskComparison> tasks) {
    List<PairedScores> scores = tasks.stream().map(task -> scores(task, metric)).toList();
    List<Double> adjusted =
        Holm.adjust(
            scores.stream().flatMap(each -> each.mcNemar().stream()).map(McNemar::pValue).toList());
    List<List<Cell>> rows = new ArrayList<>();
    int tested = 0;
    for (int i = 0; i < tasks.size(); i++) {
      PairedScores each = scores.get(i);
      Optional<McNemar> test = each.mcNemar();
      rows.add(
          List.of(
              Cell.text(metric),
              Cell.text(tasks.get(i).task()),
              Cell.number(each.first()),
              Cell.number(each.second()),
              ScoreBlocks.estimate(each.difference(), each.interval()),
              test.map(one -> Cell.number(one.onlyFirst())).orElseGet(() -> Cell.missing("–")),
              test.map(one -> Cell.number(one.onlySecond())).orElseGet(() -> Cell.missing("–")),
              test.isPresent() ? Cell.pValue(adjusted.get(tested)) : Cell.missing("–"),
              Cell.number(each.n())));
      if (test.isPresent()) tested++;
    }
    return rows;
  }
}
