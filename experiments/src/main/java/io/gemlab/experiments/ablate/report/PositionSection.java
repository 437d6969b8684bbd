package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.record.Series;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.statistics.Summary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** The losses of arms by position in the context: what a window, for one, changes. */
record PositionSection(Findings findings) {
  private static final Quantity LOSS = Measures.LOSS_BY_POSITION.quantity();

  /** Empty where losses are not compared. */
  Optional<Report.Section> section() {
    if (findings.recipe().arms().size() < 2 || findings.notComparable().isPresent()) {
      return Optional.empty();
    }
    SortedSet<Integer> lasts = new TreeSet<>();
    for (Arm arm : findings.recipe().arms()) {
      bySeed(arm).values().forEach(run -> run.getXList().forEach(x -> lasts.add(x.intValue())));
    }
    List<Block> blocks =
        lasts.isEmpty()
            ? List.of(
                Block.Paragraph.of(
                    "The records are an earlier version's, and hold no losses by position."))
            : List.of(figure(), table(lasts));
    return Optional.of(new Report.Section("Loss by position in the context", blocks));
  }

  private Block figure() {
    List<LineChart.Series> series = new ArrayList<>();
    for (Arm arm : findings.recipe().arms()) {
      List<Series> runs = List.copyOf(bySeed(arm).values());
      if (runs.isEmpty()) continue;
      List<LineChart.Point> points = new ArrayList<>();
      for (double x : runs.getFirst().getXList()) {
        Summary mean = summary(runs.stream().flatMap(run -> loss(run, (int) x).stream()).toList());
        points.add(
            new LineChart.Point(x, mean.mean(), mean.spread().map(Summary.Spread::interval)));
      }
      series.add(new LineChart.Series(arm.name(), points));
    }
    return new Block.Figure(
        new LineChart(
            "Validation loss by position",
            Axis.log2(new Quantity("last position", "tokens")),
            Axis.linear(LOSS),
            series,
            List.of()),
        "After the last step, mean over the seeds with its 95% interval. A point is the mean over"
            + " positions up to twice those of the point before; the position counts the tokens"
            + " that a prediction may depend on.");
  }

  /** The control's losses, and how the other arms' differ. */
  private Block table(SortedSet<Integer> lasts) {
    Arm control = findings.recipe().control();
    Map<Long, Series> controls = bySeed(control);
    List<Column> columns =
        new ArrayList<>(List.of(Column.text("positions"), Column.number(control(control))));
    List<Arm> others = findings.recipe().arms().subList(1, findings.recipe().arms().size());
    others.forEach(arm -> columns.add(Column.estimate(new Quantity(arm.name(), LOSS.unit()))));
    List<List<Cell>> rows = new ArrayList<>();
    int first = 1;
    for (int last : lasts) {
      int at = last;
      List<Double> own = controls.values().stream().flatMap(run -> loss(run, at).stream()).toList();
      List<Cell> row = new ArrayList<>();
      row.add(Cell.text(first == last ? Integer.toString(last) : first + " to " + last));
      row.add(own.isEmpty() ? Cell.missing("not recorded") : Cell.number(summary(own).mean()));
      others.forEach(arm -> row.add(difference(bySeed(arm), controls, at)));
      rows.add(row);
      first = last + 1;
    }
    return new Block.Table(
        "The control's validation loss by position, and the other arms' less the control's, paired"
            + " by seed: mean with its 95% interval, not corrected for how many there are.",
        columns, rows);
  }

  private static Quantity control(Arm arm) {
    return new Quantity(arm.name() + ", its loss", LOSS.unit());
  }

  private static Cell difference(Map<Long, Series> arm, Map<Long, Series> control, int last) {
    List<Double> differences = new ArrayList<>();
    arm.forEach(
        (seed, run) -> {
          if (!control.containsKey(seed)) return;
          Optional<Double> own = loss(run, last);
          Optional<Double> other = loss(control.get(seed), last);
          if (own.isPresent() && other.isPresent()) differences.add(own.get() - other.get());
        });
    if (differences.isEmpty()) return Cell.missing("not recorded");
    Summary mean = summary(differences);
    return mean.spread()
        .map(spread -> Cell.estimate(mean.mean(), spread.interval()))
        .orElseGet(() -> Cell.number(mean.mean()));
  }

  private static Summary summary(List<Double> values) {
    return Summary.of(values, Findings.CONFIDENCE);
  }

  private Map<Long, Series> bySeed(Arm arm) {
    Map<Long, Series> bySeed = new HashMap<>();
    for (RunView run : findings.trained(arm)) {
      run.curve(Measures.LOSS_BY_POSITION).ifPresent(curve -> bySeed.put(run.seed(), curve));
    }
    return bySeed;
  }

  private static Optional<Double> loss(Series curve, int last) {
    for (int i = 0; i < curve.getXCount(); i++) {
      if ((int) curve.getX(i) == last) return Optional.of(curve.getY(i));
    }
    return Optional.empty();
  }
}
