package io.gemlab.experiments.bench;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;

import io.gemlab.experiments.bench.CellResult.Measured;
import io.gemlab.experiments.bench.CellResult.Refused;
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
  private static final double MILLIS = 1e3;
  private static final double GIGA = 1e9;
  private static final double MIB = 1 << 20;

  private final BenchOutcome outcome;
  private final BenchPlan plan;

  SpeedBlocks(BenchOutcome outcome) {
    this.outcome = outcome;
    this.plan = outcome.plan();
  }

  /** Time, tokens, products and memory of each program and path. */
  Block.Table table(Program program) {
    List<CellResult> of =
        outcome.results().stream().filter(result -> result.cell().program() == program).toList();
    List<Measured> measured = outcome.measured(program);
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
            Column.estimate(Quantity.of("time, ratio to " + reference(measured))),
            Column.estimate(Quantity.of("tokens/s")),
            Column.number(new Quantity("matrix products", "GFLOP/s")),
            Column.number(new Quantity("of the machine's rate", "%")),
            Column.number(new Quantity("compilation", "s")),
            Column.number(new Quantity("peak memory", "MiB"))),
        of.stream().map(result -> row(result, measured)).toList());
  }

  private List<Cell> row(CellResult result, List<Measured> measured) {
    List<Cell> row = new ArrayList<>();
    row.add(Cell.text(result.cell().path().label()));
    switch (result) {
      case Refused refused -> {
        for (int i = 0; i < 7; i++) row.add(Cell.missing("refused"));
      }
      case Measured one -> {
        MedianEstimate time = one.time();
        row.add(Cell.estimate(time.median() * MILLIS, scaled(time.interval(), MILLIS)));
        row.add(ratio(one, measured.getFirst()));
        row.add(Cell.estimate(outcome.tokens(one), tokens(time)));
        row.add(Cell.number(one.productFlops() / time.median() / GIGA));
        row.add(Cell.number(100 * outcome.fraction(one)));
        row.add(Cell.number(one.compileSeconds()));
        row.add(
            one.peakBytes().isPresent()
                ? Cell.number(one.peakBytes().getAsLong() / MIB)
                : Cell.missing("unknown"));
      }
    }
    return row;
  }

  private static Cell ratio(Measured one, Measured reference) {
    if (one == reference) return Cell.missing("reference");
    MedianRatio ratio = MedianRatio.of(one.seconds(), reference.seconds(), NINETY_FIVE);
    return Cell.estimate(ratio.ratio(), ratio.interval());
  }

  private static String reference(List<Measured> measured) {
    return measured.isEmpty() ? "the first" : measured.getFirst().cell().path().label();
  }

  /** Tokens a second of each path, forward pass and training step side by side. */
  Block.Figure chart() {
    List<BarChart.Group> groups = new ArrayList<>();
    for (var path : plan.paths()) {
      List<Value> bars =
          outcome.results().stream()
              .filter(result -> result.cell().path().equals(path))
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

  private Value bar(CellResult result) {
    return switch (result) {
      case Refused refused -> Value.missing("refused");
      case Measured one -> Value.of(outcome.tokens(one), tokens(one.time()));
    };
  }

  private Interval tokens(MedianEstimate time) {
    double positions = plan.batch().positions();
    Interval seconds = time.interval();
    return new Interval(
        positions / seconds.high(), positions / seconds.low(), seconds.confidence());
  }

  private static Interval scaled(Interval interval, double factor) {
    return new Interval(interval.low() * factor, interval.high() * factor, interval.confidence());
  }
}
