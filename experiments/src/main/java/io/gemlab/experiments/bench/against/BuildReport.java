package io.gemlab.experiments.bench.against;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;

import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Block.KeyValues.Entry;
import io.gemlab.reports.render.Block.Notice;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.render.Report.Section;
import io.gemlab.reports.render.RunBlocks;
import io.gemlab.reports.statistics.Summary;
import io.gemlab.reports.statistics.paired.Holm;
import io.gemlab.reports.statistics.timing.PairedRatio;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** Two builds compared, and the report of it. */
public final class BuildReport {
  private final BuildComparison comparison;
  private final BuildComparison.Outcome outcome;
  private final Provenance provenance;
  private final List<PairedRatio> speeds;
  private final List<Double> adjusted;

  private BuildReport(
      BuildComparison comparison, BuildComparison.Outcome outcome, Provenance provenance) {
    this.comparison = comparison;
    this.outcome = outcome;
    this.provenance = provenance;
    this.speeds = outcome.cells().stream().map(cell -> cell.speed(NINETY_FIVE)).toList();
    this.adjusted = Holm.adjust(speeds.stream().map(PairedRatio::pValue).toList());
  }

  /**
   * Measures and writes the report.
   *
   * @param folder where report and records go
   * @param watcher told of each turn before it begins
   * @throws InterruptedException if the thread was interrupted; what was running has ended
   */
  public static BuildReport make(
      BuildComparison comparison, Path folder, Provenance provenance, Consumer<String> watcher)
      throws InterruptedException {
    BuildReport made = new BuildReport(comparison, comparison.run(folder, watcher), provenance);
    try {
      ReportWriter.write(folder, made.report());
    } catch (IOException e) {
      throw new UncheckedIOException("writing the report", e);
    }
    return made;
  }

  /** Which cells differ beyond noise, a sentence each. */
  public List<String> findings() {
    List<String> findings = new ArrayList<>();
    for (int cell = 0; cell < speeds.size(); cell++) {
      findings.add(
          outcome.cells().get(cell).name() + ": " + factor(speeds.get(cell)) + verdict(cell));
    }
    return findings;
  }

  /** What failed, a line each; empty where nothing did. */
  public List<String> failures() {
    return outcome.failures();
  }

  private static String factor(PairedRatio speed) {
    return "%s times as fast [%s, %s]"
        .formatted(
            Numbers.decimals(speed.ratio(), 3),
            Numbers.decimals(speed.interval().low(), 3),
            Numbers.decimals(speed.interval().high(), 3));
  }

  private String verdict(int cell) {
    if (adjusted.get(cell) >= NINETY_FIVE.alpha()) return ", within noise";
    return speeds.get(cell).ratio() > 1 ? ", faster beyond noise" : ", slower beyond noise";
  }

  private Report report() {
    List<Block> summary = new ArrayList<>();
    for (String failure : outcome.failures()) {
      summary.add(new Notice(Notice.Kind.WARNING, Block.Paragraph.of(failure)));
    }
    if (!speeds.isEmpty()) summary.addAll(List.of(table(), figure()));
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("How it was measured", List.of(Block.Paragraph.of(method()))));
    sections.add(new Section("The builds", List.of(builds())));
    sections.add(
        new Section("Where the numbers of this build come from", RunBlocks.provenance(provenance)));
    outcome
        .theirs()
        .ifPresent(
            theirs ->
                sections.add(
                    new Section(
                        "Where the numbers of the other build come from",
                        RunBlocks.provenance(theirs))));
    return new Report(
        "This build against another",
        "Is this build of Gemlab faster or slower than the other, program by program?",
        answer(),
        "bench --against · %d rounds · %s, %d cores used"
            .formatted(comparison.rounds(), provenance.getCpuModel(), provenance.getCores()),
        summary,
        sections);
  }

  private String answer() {
    if (speeds.isEmpty()) return "Nothing was measured by both builds.";
    return String.join(". ", findings()) + ".";
  }

  private Block table() {
    List<List<Cell>> rows = new ArrayList<>();
    for (int cell = 0; cell < speeds.size(); cell++) {
      ComparedCell compared = outcome.cells().get(cell);
      PairedRatio speed = speeds.get(cell);
      rows.add(
          List.of(
              Cell.text(compared.name()),
              mean(compared.ours()),
              mean(compared.theirs()),
              Cell.estimate(speed.ratio(), speed.interval()),
              Cell.pValue(adjusted.get(cell)),
              Cell.text(verdict(cell).substring(2))));
    }
    return new Block.Table(
        "Times of a call or a token, the mean of %d rounds' medians, and how many times as fast this build is (the geometric mean of the rounds' ratios), each with its 95 %% confidence interval; p-values adjusted by Holm's method."
            .formatted(comparison.rounds()),
        List.of(
            Column.text("program, path"),
            Column.estimate(new Quantity("this build", "ms")),
            Column.estimate(new Quantity("other build", "ms")),
            Column.estimate(Quantity.of("times as fast")),
            Column.pValue("p, adjusted"),
            Column.text("difference")),
        rows);
  }

  private static Cell mean(List<Double> millis) {
    Summary summary = Summary.of(millis, NINETY_FIVE);
    return Cell.estimate(summary.mean(), summary.spread().orElseThrow().interval());
  }

  private Block figure() {
    List<IntervalChart.Row> rows = new ArrayList<>();
    for (int cell = 0; cell < speeds.size(); cell++) {
      rows.add(
          new IntervalChart.Row(
              outcome.cells().get(cell).name(),
              Value.of(speeds.get(cell).ratio(), speeds.get(cell).interval())));
    }
    return new Block.Figure(
        new IntervalChart(
            "This build against the other",
            Axis.log2(Quantity.of("times as fast")),
            OptionalDouble.of(1),
            Optional.empty(),
            List.of(new IntervalChart.Group("", rows))),
        "Right of the line this build is faster.");
  }

  private String method() {
    return "Both builds ran the same command, %d times each, in turn: in every round and on every path"
            .formatted(comparison.rounds())
        + " one after the other, and the one that was first in a round is second in the next. A"
        + " round's time is the median of its timed calls. Rounds are pairs: what the machine did"
        + " to both builds of a round alike is taken out. A difference is beyond noise where its"
        + " p-value, adjusted for the number of programs by Holm's method, is below 0.05.";
  }

  private Block builds() {
    return new Block.KeyValues(
        List.of(
            new Entry("This build", comparison.ours().home().toString()),
            new Entry("Other build", comparison.theirs().home().toString()),
            new Entry("Flags of both", String.join(" ", comparison.arguments()))));
  }
}
