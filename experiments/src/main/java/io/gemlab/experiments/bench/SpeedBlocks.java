package io.gemlab.experiments.bench;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;

import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.BarChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.MedianEstimate;
import io.gemlab.reports.statistics.MedianRatio;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How fast each program ran on each path, as a table and a chart. */
final class SpeedBlocks {
  private static final int COLUMNS = 8;

  private final BenchOutcome outcome;
  private final BenchPlan plan;

  SpeedBlocks(BenchOutcome outcome) {
    this.outcome = outcome;
    this.plan = outcome.plan();
  }

  /** Time, tokens, products and memory of each program and path. */
  Block.Table table(Program program) {
    List<CellFinding> all =
        outcome.findings().stream().filter(finding -> finding.cell().program() == program).toList();
    List<CellFinding> complete = outcome.complete(program);
    return new Block.Table(
        "The "
            + program.label()
            + ", %d × %d tokens in %s: median of %d calls with its 95 %% confidence interval."
                .formatted(
                    plan.batch().rows(),
                    plan.batch().length(),
                    plan.precision().label(),
                    plan.samples()),
        List.of(
            Column.text("path"),
            Column.estimate(new Quantity("time", "ms")),
            Column.estimate(Quantity.of("time, ratio to " + reference(complete))),
            Column.estimate(Quantity.of("tokens/s")),
            Column.number(new Quantity("matrix products", "GFLOP/s")),
            Column.number(new Quantity("of the machine's rate", "%")),
            Column.number(new Quantity("compilation", "s")),
            Column.number(new Quantity("peak memory", "MiB"))),
        all.stream().map(finding -> row(finding, complete)).toList());
  }

  private List<Cell> row(CellFinding finding, List<CellFinding> complete) {
    List<Cell> row = new ArrayList<>(List.of(Cell.text(finding.cell().path().label())));
    if (!finding.isComplete()) {
      for (int i = 1; i < COLUMNS; i++) row.add(Cell.missing(finding.ended()));
      return row;
    }
    MedianEstimate time = finding.time();
    row.add(Cell.estimate(time.median(), time.interval()));
    row.add(ratio(finding, complete.getFirst()));
    row.add(Cell.estimate(outcome.tokens(finding), tokens(time)));
    row.add(Cell.number(finding.productFlops() / time.median() / 1e6));
    row.add(Cell.number(100 * outcome.fraction(finding)));
    row.add(Cell.number(finding.record().getExecution().getCompileSeconds()));
    row.add(
        finding.peakMib().isPresent()
            ? Cell.number(finding.peakMib().getAsDouble())
            : Cell.missing("unknown"));
    return row;
  }

  private static Cell ratio(CellFinding finding, CellFinding reference) {
    if (finding == reference) return Cell.missing("reference");
    MedianRatio ratio = MedianRatio.of(finding.samples(), reference.samples(), NINETY_FIVE);
    return Cell.estimate(ratio.ratio(), ratio.interval());
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
            Arrays.stream(Program.values()).map(Program::label).toList(),
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
