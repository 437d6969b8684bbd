package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.record.Series;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.ComparisonBlocks;
import io.gemlab.reports.render.MainEffectsBlocks;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.statistics.Summary;
import io.gemlab.reports.statistics.paired.ArmComparison.NotCompared;
import io.gemlab.reports.statistics.paired.ArmSample;
import io.gemlab.reports.statistics.paired.ComparisonFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Losses of the arms, and what they differ by. */
record LossSections(Findings findings) {
  private static final Quantity LOSS = Measures.VALIDATION_LOSS.quantity();

  /** What a reader in a hurry should see. */
  Block summary() {
    ComparisonFamily comparison = findings.comparison();
    return comparison.arms().stream().allMatch(NotCompared.class::isInstance)
        ? validationCurves()
        : ComparisonBlocks.of(LOSS, comparison).getFirst();
  }

  List<Report.Section> sections() {
    List<Block> loss = new ArrayList<>(baselineCheck());
    boolean pilot = findings.recipe().pilot();
    if (!pilot) loss.addAll(ComparisonBlocks.of(LOSS, findings.comparison()));
    loss.add(byArm());
    List<Report.Section> sections = new ArrayList<>();
    sections.add(new Report.Section("Validation loss", loss));
    new PositionSection(findings).section().ifPresent(sections::add);
    sections.add(new Report.Section("Curves", curves()));
    if (!pilot) {
      sections.add(
          new Report.Section(
              "Main effects on validation loss",
              MainEffectsBlocks.of(LOSS, findings.lossEffects())));
    }
    return sections;
  }

  /** A model that is no better than counting pairs of tokens compares nothing. */
  private List<Block> baselineCheck() {
    List<RunView> notBelow = findings.notBelowBigram();
    String bar =
        findings
            .bigram()
            .map(
                bigram ->
                    "the corpus's bigram entropy of "
                        + Numbers.significant(bigram, 4)
                        + " nats a token")
            .orElse("its corpus's bigram entropy");
    if (notBelow.isEmpty()) {
      return List.of(
          Block.Paragraph.of(
              "Every run ended below "
                  + bar
                  + ": it has learned more than which token follows which."));
    }
    return List.of(
        new Block.Notice(
            Block.Notice.Kind.WARNING,
            Block.Paragraph.of(
                notBelow.size()
                    + " of "
                    + findings.complete(AblationRuns.TRAINING).size()
                    + " runs did not get below "
                    + bar
                    + ". They have not learned enough for a comparison; give more steps.")));
  }

  private Block byArm() {
    List<List<Cell>> rows = new ArrayList<>();
    for (Arm arm : findings.recipe().arms()) {
      ArmSample sample = findings.losses(arm);
      List<Double> losses = List.copyOf(sample.bySeed().values());
      if (losses.isEmpty()) {
        rows.add(
            List.of(
                Cell.text(arm.name()),
                Cell.missing("no complete run"),
                Cell.number(0),
                Cell.missing("–")));
        continue;
      }
      Summary summary = Summary.of(losses, Findings.CONFIDENCE);
      rows.add(
          List.of(
              Cell.text(arm.name()),
              summary
                  .spread()
                  .map(spread -> Cell.estimate(summary.mean(), spread.interval()))
                  .orElseGet(() -> Cell.number(summary.mean())),
              Cell.number(losses.size()),
              Cell.text(
                  String.join(
                      ", ", losses.stream().map(loss -> Numbers.significant(loss, 5)).toList()))));
    }
    return new Block.Table(
        "Validation loss of each arm after the last step: mean over the seeds with its 95%"
            + " interval, which holds what the seeds do to all arms alike; the differences above"
            + " do not.",
        List.of(
            Column.text("arm"),
            Column.estimate(LOSS),
            Column.number(Quantity.of("seeds")),
            Column.text("by seed")),
        rows);
  }

  private Block validationCurves() {
    return new Block.Figure(
        new LineChart(
            "Validation loss while training",
            Axis.linear(Quantity.of("step")),
            Axis.linear(LOSS),
            series(Measures.VALIDATION_LOSS, 1),
            findings.bigram().stream()
                .map(bigram -> new LineChart.Reference("bigram entropy", bigram))
                .toList()),
        "Mean over the seeds; the bands are 95% intervals of the mean.");
  }

  private List<Block> curves() {
    List<Block> curves = new ArrayList<>(List.of(validationCurves()));
    for (Measure measure :
        List.of(Measures.TRAINING_LOSS, Measures.GRADIENT_NORM, Measures.LEARNING_RATE)) {
      boolean recorded =
          findings.complete(AblationRuns.TRAINING).stream()
              .anyMatch(run -> run.curve(measure).filter(c -> c.getXCount() > 0).isPresent());
      if (recorded) curves.add(curve(measure));
    }
    curves.add(
        Block.Paragraph.of(
            "All of them, run by run, are in " + AblationReport.CURVES + " beside this report."));
    return curves;
  }

  private Block curve(Measure measure) {
    int steps =
        findings.recipe().arms().stream().mapToInt(arm -> arm.training().steps()).max().orElse(0);
    int window = Math.max(1, steps / 30);
    String name = measure.name();
    return new Block.Figure(
        new LineChart(
            name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) + " while training",
            Axis.linear(Quantity.of("step")),
            Axis.linear(measure.quantity()),
            series(measure, window),
            List.of()),
        window == 1
            ? "Mean over the seeds."
            : "Mean over the seeds and over " + window + " steps a point.");
  }

  private List<LineChart.Series> series(Measure measure, int window) {
    List<LineChart.Series> all = new ArrayList<>();
    for (Arm arm : findings.recipe().arms()) {
      List<Series> curves =
          findings.trained(arm).stream()
              .flatMap(run -> run.curve(measure).stream())
              .filter(curve -> curve.getXCount() > 0)
              .toList();
      if (!curves.isEmpty()) all.add(new LineChart.Series(arm.name(), points(curves, window)));
    }
    return all;
  }

  private static List<LineChart.Point> points(List<Series> curves, int window) {
    List<LineChart.Point> points = new ArrayList<>();
    int length = curves.getFirst().getXCount();
    for (int from = 0; from < length; from += window) {
      int begin = from;
      int end = Math.min(from + window, length);
      List<Double> values =
          curves.stream()
              .map(curve -> IntStream.range(begin, end).mapToDouble(curve::getY).average())
              .map(mean -> mean.orElse(Double.NaN))
              .toList();
      double x = (curves.getFirst().getX(begin) + curves.getFirst().getX(end - 1)) / 2;
      if (values.stream().allMatch(Double::isFinite)) {
        Summary summary = Summary.of(values, Findings.CONFIDENCE);
        Optional<Summary.Spread> spread = window == 1 ? summary.spread() : Optional.empty();
        points.add(new LineChart.Point(x, summary.mean(), spread.map(Summary.Spread::interval)));
      } else {
        points.add(LineChart.Point.of(x, Double.NaN));
      }
    }
    return points;
  }
}
