package io.gemlab.experiments.eval.report;

import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.result.TaskFormats;
import io.gemlab.experiments.eval.task.PromptFormat;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.statistics.items.FormatSpread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How much scores depend on the way prompts are written. */
record FormatBlocks(List<TaskFormats> tasks) {

  List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(spreads());
    for (TaskFormats task : tasks) {
      if (!task.spreads().isEmpty()) blocks.add(scores(task));
    }
    return blocks;
  }

  /**
   * A sentence for a task.
   *
   * @param metric what the task is told by
   */
  static List<String> sentence(TaskFormats task, Metric metric) {
    FormatSpread spread = task.spreads().get(metric);
    if (spread == null) return List.of();
    return List.of(
        "%s in %d formats: %s is %s on average with a standard deviation of %s, from %s to %s."
            .formatted(
                task.task(),
                spread.formats(),
                metric.name(),
                Numbers.significant(spread.mean(), 3),
                Numbers.significant(spread.standardDeviation(), 2),
                Numbers.significant(least(spread), 3),
                Numbers.significant(most(spread), 3)));
  }

  private static double least(FormatSpread spread) {
    return Arrays.stream(spread.scores()).min().orElseThrow();
  }

  private static double most(FormatSpread spread) {
    return Arrays.stream(spread.scores()).max().orElseThrow();
  }

  private Block spreads() {
    List<List<Cell>> rows = new ArrayList<>();
    for (TaskFormats task : tasks) {
      for (Map.Entry<Metric, FormatSpread> each : task.spreads().entrySet()) {
        FormatSpread spread = each.getValue();
        rows.add(
            List.of(
                Cell.text(task.task()),
                Cell.text(each.getKey().name()),
                Cell.number(spread.mean()),
                Cell.number(spread.standardDeviation()),
                Cell.number(least(spread)),
                Cell.number(most(spread)),
                share(spread.ofItems(), spread),
                share(spread.ofFormats(), spread),
                share(spread.ofBoth(), spread),
                Cell.number(spread.items()),
                Cell.number(spread.formats())));
      }
    }
    return new Block.Table(
        "Spread over formats. The standard deviation is that of the formats' scores, as Gemma 2's"
            + " report gives it for MMLU. The variance of all answers is divided among items (hard"
            + " or easy in every format), formats (better or worse for every item), and both"
            + " together (items answered otherwise in some formats).",
        List.of(
            Column.text("task"),
            Column.text("metric"),
            Column.number(Quantity.of("mean")),
            Column.number(Quantity.of("standard deviation")),
            Column.number(Quantity.of("least")),
            Column.number(Quantity.of("most")),
            Column.number(new Quantity("of items", "%")),
            Column.number(new Quantity("of formats", "%")),
            Column.number(new Quantity("of both", "%")),
            Column.number(Quantity.of("n")),
            Column.number(Quantity.of("formats"))),
        rows);
  }

  private static Cell share(double variance, FormatSpread spread) {
    return spread.total() > 0
        ? Cell.number(100 * variance / spread.total())
        : Cell.missing("all alike");
  }

  private static Block scores(TaskFormats task) {
    List<Metric> metrics = List.copyOf(task.spreads().keySet());
    List<List<Cell>> rows = new ArrayList<>();
    for (int f = 0; f < task.formats().size(); f++) {
      PromptFormat format = task.formats().get(f);
      List<Cell> row = new ArrayList<>();
      row.add(Cell.text(format.example()));
      row.add(Cell.text(format.casing().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
      for (Metric metric : metrics) {
        row.add(Cell.number(task.spreads().get(metric).scores()[f]));
      }
      rows.add(row);
    }
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("format"));
    columns.add(Column.text("names"));
    for (Metric metric : metrics) columns.add(Column.number(Quantity.of(metric.name())));
    return new Block.Table(
        "%s, format by format, the task's own first. What changes is how these fields are written: %s."
            .formatted(task.task(), String.join(", ", task.fields())),
        columns,
        rows);
  }
}
