package io.gemlab.experiments.bench;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;

import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.BarChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** How fast each program ran on each path, as a table and a chart. */
final class SpeedBlocks {
  private final BenchOutcome outcome;
  private final BenchPlan plan;

  SpeedBlocks(BenchOutcome outcome) {
    this.outcome = outcome;
    this.plan = outcome.plan();
  }

  /** How fast a program is on each path. */
  Block.Table speed(ModelProgram program) {
    List<CellFinding> complete = outcome.complete(program);
    String caption =
        "The %s, %d × %d tokens in %s: median of %d turns with its 95 %% confidence interval."
            .formatted(
                program.label(),
                plan.batch().batchSize(),
                plan.batch().sequenceLength(),
                plan.model().precision().label(),
                plan.samples());
    return table(
        program,
        caption,
        List.of(
            Column.estimate(new Quantity("time", "ms")),
            Column.estimate(Quantity.of("time, ratio to " + reference(complete))),
            Column.estimate(Quantity.of("tokens/s")),
            Column.number(new Quantity("of the machine's rate", "%"))),
        finding ->
            List.of(
                Cell.estimate(finding.time().median(), finding.time().interval()),
                ratio(finding, complete.getFirst()),
                Cell.estimate(outcome.tokens(finding), tokens(finding.time())),
                Cell.number(100 * outcome.fraction(finding))));
  }

  /** What a program's speed and memory come to. */
  Block.Table cost(ModelProgram program) {
    return table(
        program,
        "What the " + program.label() + " computes, and what it costs besides time.",
        List.of(
            Column.number(new Quantity("matrix products", "GFLOP")),
            Column.number(new Quantity("their rate", "GFLOP/s")),
            Column.number(new Quantity("compiling or loading", "s")),
            Column.number(Quantity.of("XLA programs")),
            Column.number(new Quantity("peak memory", "MiB"))),
        finding ->
            List.of(
                Cell.number(finding.productFlops() / 1e9),
                Cell.number(finding.productFlops() / finding.time().median() / 1e6),
                Cell.number(finding.run().record().getExecution().getCompileSeconds()),
                Cell.number(finding.run().record().getExecution().getXlaClusters()),
                finding.peakMib().isPresent()
                    ? Cell.number(finding.peakMib().getAsDouble())
                    : Cell.missing("unknown")));
  }

  /** A row a path; what did not run to its end says so in every column. */
  private Block.Table table(
      ModelProgram program,
      String caption,
      List<Column> columns,
      Function<CellFinding, List<Cell>> cells) {
    List<List<Cell>> rows = new ArrayList<>();
    for (CellFinding finding : outcome.findings()) {
      if (finding.cell().program() != program) continue;
      List<Cell> row = new ArrayList<>(List.of(Cell.text(finding.cell().path().label())));
      row.addAll(
          finding.isComplete()
              ? cells.apply(finding)
              : Collections.nCopies(columns.size(), Cell.missing(finding.ended())));
      rows.add(row);
    }
    List<Column> all = new ArrayList<>(List.of(Column.text("path")));
    all.addAll(columns);
    return new Block.Table(caption, all, rows);
  }

  private static Cell ratio(CellFinding finding, CellFinding reference) {
    if (finding == reference) return Cell.missing("reference");
    return finding
        .turns()
        .ratio(reference.turns(), NINETY_FIVE)
        .map(ratio -> Cell.estimate(ratio.ratio(), ratio.interval()))
        .orElse(Cell.missing("disturbed"));
  }

  private static String reference(List<CellFinding> complete) {
    return complete.isEmpty() ? "the first path" : complete.getFirst().cell().path().label();
  }

  /** Tokens a second of each path, forward pass and training step side by side. */
  Block.Figure chart() {
    List<BarChart.Group> groups = new ArrayList<>();
    for (ExecutionPath path : plan.paths()) {
      List<Value> bars =
          outcome.findings().stream()
              .filter(finding -> finding.cell().path().equals(path))
              .map(this::bar)
              .toList();
      groups.add(new BarChart.Group(path.label(), bars));
    }
    return new Block.Figure(
        new BarChart(
            "Tokens a second by path",
            Quantity.of("tokens/s"),
            BenchPlan.PROGRAMS.stream().map(ModelProgram::label).toList(),
            groups),
        "Tokens a second by execution path: more is better. Compilation is left out.");
  }

  private Value bar(CellFinding finding) {
    return finding.isComplete()
        ? Value.of(outcome.tokens(finding), tokens(finding.time()))
        : Value.missing(finding.ended());
  }

  private Interval tokens(MedianEstimate time) {
    double positions = 1e3 * plan.batch().positions();
    Interval millis = time.interval();
    return new Interval(positions / millis.high(), positions / millis.low(), millis.confidence());
  }
}
