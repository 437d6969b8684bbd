package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.Divergence;
import io.gemlab.experiments.ablate.recipe.Tuning;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.ablate.run.Trial;
import io.gemlab.experiments.ablate.run.Trials;
import io.gemlab.experiments.recipe.Level;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.statistics.Proportion;
import io.gemlab.reports.statistics.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** At which learning rate each arm does best, and where it diverges. */
record TuningSection(Findings findings, Tuning tuning) {
  private static final Quantity LOSS = Measures.VALIDATION_LOSS.quantity();
  private static final Quantity RATE = Quantity.of("learning rate");
  private static final Quantity DIVERGED = new Quantity("diverged", "%");

  Report.Section section() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        Block.Paragraph.of(
            "Each arm was trained at each learning rate under %d seeds (%s), none of which the comparison uses. It is compared at the rate of the lowest mean validation loss, of those with the fewest runs that diverged. %s"
                .formatted(
                    tuning.seeds().size(),
                    tuning.seeds().stream().map(String::valueOf).collect(Collectors.joining(", ")),
                    Divergence.DEFINITION)));
    atTheEdge().ifPresent(blocks::add);
    blocks.add(losses());
    blocks.add(divergence());
    blocks.add(table());
    return new Report.Section("Learning rates", blocks);
  }

  /** The loss of each arm over the rates. */
  Block losses() {
    return new Block.Figure(
        chart("Validation loss by learning rate", LOSS, TuningSection::lossAt),
        "After the last step, mean over the seeds that the arms are tuned under, of the runs that did"
            + " not diverge; a mark is hollow where some did, and left out where all did. The bands"
            + " are 95% intervals of the mean where none did.");
  }

  private Block divergence() {
    return new Block.Figure(
        chart("Runs that diverged by learning rate", DIVERGED, TuningSection::divergedAt),
        "Share of the runs that the arms are tuned by; the bands are Wilson's 95% intervals.");
  }

  private LineChart chart(
      String title, Quantity quantity, Function<Trial, LineChart.Point> pointOf) {
    List<LineChart.Series> series = new ArrayList<>();
    findings
        .trials()
        .byArm()
        .forEach(
            (arm, trials) ->
                series.add(
                    new LineChart.Series(
                        arm,
                        trials.stream().filter(trial -> trial.runs() > 0).map(pointOf).toList())));
    return new LineChart(title, Axis.log(RATE), Axis.linear(quantity), series, List.of());
  }

  private static LineChart.Point lossAt(Trial trial) {
    if (trial.losses().isEmpty()) return LineChart.Point.of(trial.learningRate(), Double.NaN);
    Summary losses = Summary.of(trial.losses(), Findings.CONFIDENCE);
    boolean some = trial.diverged() > 0;
    return new LineChart.Point(
        trial.learningRate(),
        losses.mean(),
        losses.spread().filter(_ -> !some).map(Summary.Spread::interval),
        some);
  }

  private static LineChart.Point divergedAt(Trial trial) {
    Proportion diverged = diverged(trial);
    return new LineChart.Point(
        trial.learningRate(), 100 * diverged.share(), Optional.of(diverged.interval().times(100)));
  }

  private static Proportion diverged(Trial trial) {
    return Proportion.of(trial.diverged(), trial.runs(), Findings.CONFIDENCE);
  }

  private Block table() {
    List<List<Cell>> rows = new ArrayList<>();
    Trials trials = findings.trials();
    for (Arm arm : findings.recipe().arms()) {
      for (Trial trial : trials.byArm().get(arm.name())) rows.add(row(arm, "tuning", trial));
      if (findings.recipe().hasRate(arm)) {
        rows.add(row(arm, "confirming", findings.confirmed(arm)));
      }
    }
    return new Block.Table(
        "Every arm at every learning rate, and at its best again under the seeds that confirm. The"
            + " intervals of the share are Wilson's; the loss is the mean of the runs that did not"
            + " diverge. Each run is a line of "
            + AblationReport.TUNING
            + ".",
        List.of(
            Column.text("arm"),
            Column.text("learning rate"),
            Column.text("seeds"),
            Column.text("diverged runs"),
            Column.estimate(DIVERGED),
            Column.estimate(LOSS)),
        rows);
  }

  private static List<Cell> row(Arm arm, String seeds, Trial trial) {
    List<Cell> row =
        new ArrayList<>(
            List.of(
                Cell.text(arm.name()),
                Cell.text(Level.of(trial.learningRate())),
                Cell.text(seeds)));
    if (trial.runs() == 0) {
      row.add(Cell.missing("no run has ended"));
      row.add(Cell.missing("–"));
    } else {
      Proportion diverged = diverged(trial);
      row.add(Cell.text("%d of %d".formatted(diverged.count(), diverged.n())));
      row.add(Cell.estimate(100 * diverged.share(), diverged.interval().times(100)));
    }
    row.add(trial.losses().isEmpty() ? Cell.missing("–") : loss(trial.losses()));
    return row;
  }

  private static Cell loss(List<Double> losses) {
    Summary summary = Summary.of(losses, Findings.CONFIDENCE);
    return summary
        .spread()
        .map(spread -> Cell.estimate(summary.mean(), spread.interval()))
        .orElseGet(() -> Cell.number(summary.mean()));
  }

  /** A best rate with none tried beside it on one side. */
  private Optional<Block> atTheEdge() {
    List<String> arms = new ArrayList<>();
    for (Arm arm : findings.recipe().arms()) {
      Double rate = tuning.chosen().get(arm.name());
      if (rate == null) continue;
      if (rate.equals(tuning.learningRates().getFirst())) arms.add(arm.name() + " at the lowest");
      if (rate.equals(tuning.learningRates().getLast())) arms.add(arm.name() + " at the highest");
    }
    if (arms.isEmpty()) return Optional.empty();
    return Optional.of(
        new Block.Notice(
            Block.Notice.Kind.WARNING,
            Block.Paragraph.of(
                "Best at an end of the rates tried: %s. A rate beyond may be better still."
                    .formatted(String.join(", ", arms)))));
  }
}
