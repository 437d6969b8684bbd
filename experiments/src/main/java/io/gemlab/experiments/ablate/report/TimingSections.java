package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Timing;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.BarChart;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.MainEffectsBlocks;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the arms cost: time and memory, by path and length. */
record TimingSections(Findings findings, Timings timings) {

  List<Report.Section> sections() {
    List<Report.Section> sections = new ArrayList<>();
    sections.add(new Report.Section("Speed at " + timings.longest() + " tokens", speed()));
    sections.add(
        new Report.Section(
            "Memory at " + timings.longest() + " tokens",
            List.of(memoryBars(Measures.STEP_MEMORY), memoryBars(Measures.FORWARD_MEMORY))));
    sections.add(new Report.Section("Length sweep", sweep()));
    if (!findings.recipe().pilot()) {
      List<Block> effects = new ArrayList<>();
      for (Measure time : List.of(Measures.STEP_TIME, Measures.FORWARD_TIME)) {
        effects.addAll(MainEffectsBlocks.of(time.quantity(), findings.cellEffects(time)));
      }
      sections.add(new Report.Section("Main effects on time", effects));
    }
    return sections;
  }

  /** What a reader in a hurry should see. */
  List<Block> summary() {
    List<Block> blocks = new ArrayList<>(timings.turns().notices());
    blocks.add(bars(Measures.STEP_TIME));
    return blocks;
  }

  private List<Block> speed() {
    List<Block> blocks =
        new ArrayList<>(List.of(bars(Measures.STEP_TIME), bars(Measures.FORWARD_TIME)));
    if (!findings.recipe().pilot()) blocks.add(ratios());
    String method = timings.turns().method();
    if (!method.isEmpty()) blocks.add(Block.Paragraph.of(method));
    return blocks;
  }

  private Timing timing() {
    return timings.timing();
  }

  private Block bars(Measure measure) {
    return new Block.Figure(
        chart(measure),
        "Medians of "
            + timing().samples()
            + (timings.turns().any() ? " turns at " : " calls at ")
            + timing().batch()
            + " x "
            + timings.longest()
            + " tokens, "
            + timing().precision().label()
            + ", each cell in a process of its own."
            + (measure.equals(Measures.STEP_TIME)
                ? " A training step: " + ModelProgram.TRAIN.does() + "."
                : ""));
  }

  private Block memoryBars(Measure measure) {
    return new Block.Figure(
        chart(measure),
        "Resident memory at its peak over the calls that were timed, above what the process had"
            + " when it began: weights, activations, what the runtime keeps; the step also holds"
            + " gradients and both AdamW moments.");
  }

  private BarChart chart(Measure measure) {
    List<BarChart.Group> groups =
        timing().paths().stream()
            .map(
                path ->
                    new BarChart.Group(
                        path.label(),
                        timing().arms().stream()
                            .map(arm -> bar(timings.cell(arm, path, timings.longest()), measure))
                            .toList()))
            .toList();
    String title =
        measure.name().substring(0, 1).toUpperCase(Locale.ROOT) + measure.name().substring(1);
    return new BarChart(title + " by path", measure.quantity(), timing().arms(), groups);
  }

  private static Value bar(Optional<RunView> cell, Measure measure) {
    if (cell.isEmpty()) return Value.missing("not run");
    if (!cell.get().isComplete()) return Value.missing(cell.get().ended());
    return cell.get()
        .measurement(measure)
        .map(TimingSections::value)
        .orElse(Value.missing("not measured"));
  }

  private static Value value(Measurement measurement) {
    if (measurement.getSamplesCount() < 2) return Value.of(measurement.getValue());
    MedianEstimate median = MedianEstimate.of(measurement.getSamplesList(), Findings.CONFIDENCE);
    return Value.of(median.median(), median.interval());
  }

  /** Each arm's training step against the first timed arm's on the same path. */
  private Block ratios() {
    List<List<Cell>> rows = new ArrayList<>();
    for (String arm : timings.others()) {
      List<Cell> row = new ArrayList<>(List.of(Cell.text(arm)));
      for (ExecutionPath path : timing().paths()) {
        row.add(
            timings
                .stepRatio(arm, path, timings.longest())
                .map(ratio -> Cell.estimate(ratio.ratio(), ratio.interval()))
                .orElseGet(() -> Cell.missing(missing(arm, path))));
      }
      rows.add(row);
    }
    List<Column> columns = new ArrayList<>(List.of(Column.text("arm")));
    timing().paths().forEach(path -> columns.add(Column.estimate(Quantity.of(path.label()))));
    return new Block.Table(
        "Training step time as a multiple of "
            + timings.control()
            + " on the same path: "
            + (timings.turns().any()
                ? "mean of the turns' ratios, with its interval over the turns."
                : "ratio of the medians with a bootstrap interval over the calls. It knows nothing"
                    + " of how the machine drifted between two processes."),
        columns,
        rows);
  }

  private String missing(String arm, ExecutionPath path) {
    return timings
        .notCompared(arm, path, timings.longest())
        .map(reason -> "not compared: " + reason)
        .orElse("not run");
  }

  private List<Block> sweep() {
    if (timing().lengths().size() < 2) {
      return List.of(Block.Paragraph.of("Only one length was timed."));
    }
    List<Block> figures = new ArrayList<>();
    for (ExecutionPath path : timing().paths()) {
      List<LineChart.Series> times = series(path, Measures.STEP_TIME);
      if (times.isEmpty()) continue;
      figures.add(
          new Block.Figure(
              sweepChart("Training step by length, " + path.label(), Measures.STEP_TIME, times),
              "Median time of a step of "
                  + timing().batch()
                  + " sequences on the "
                  + path.label()
                  + " path."));
    }
    ExecutionPath path = timing().paths().getLast();
    List<LineChart.Series> memory = series(path, Measures.STEP_MEMORY);
    if (!memory.isEmpty()) {
      figures.add(
          new Block.Figure(
              sweepChart(
                  "Training step memory by length, " + path.label(), Measures.STEP_MEMORY, memory),
              "Peak resident memory above the process's start, on the " + path.label() + " path."));
    }
    return figures;
  }

  private static LineChart sweepChart(
      String title, Measure measure, List<LineChart.Series> series) {
    return new LineChart(
        title,
        Axis.log2(new Quantity("length", "tokens")),
        Axis.log(measure.quantity()),
        series,
        List.of());
  }

  private List<LineChart.Series> series(ExecutionPath path, Measure measure) {
    List<LineChart.Series> all = new ArrayList<>();
    for (String arm : timing().arms()) {
      List<LineChart.Point> points = new ArrayList<>();
      for (int length : timing().lengths().stream().sorted().toList()) {
        timings
            .value(measure, arm, path, length)
            .ifPresent(found -> points.add(LineChart.Point.of(length, found)));
      }
      if (!points.isEmpty()) all.add(new LineChart.Series(arm, points));
    }
    return all;
  }
}
