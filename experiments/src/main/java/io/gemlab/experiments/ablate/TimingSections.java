package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Timing;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.BarChart;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.MainEffectsBlocks;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.statistics.effects.MainEffects;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import io.gemlab.reports.statistics.timing.MedianRatio;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the arms cost: time and memory, by path and length. */
record TimingSections(Findings findings) {

  List<Report.Section> sections() {
    List<Block> effects = new ArrayList<>();
    effects.addAll(MainEffectsBlocks.of(ms(TimingCell.STEP_TIME), effects(TimingCell.STEP_TIME)));
    effects.addAll(
        MainEffectsBlocks.of(ms(TimingCell.FORWARD_TIME), effects(TimingCell.FORWARD_TIME)));
    return List.of(
        new Report.Section(
            "Speed at " + longest() + " tokens",
            List.of(bars(ms(TimingCell.STEP_TIME)), bars(ms(TimingCell.FORWARD_TIME)), ratios())),
        new Report.Section(
            "Memory at " + longest() + " tokens",
            List.of(memoryBars(TimingCell.STEP_MEMORY), memoryBars(TimingCell.FORWARD_MEMORY))),
        new Report.Section("Length sweep", sweep()),
        new Report.Section("Main effects on time", effects));
  }

  /** The bars that a reader in a hurry should see. */
  Block summary() {
    return bars(ms(TimingCell.STEP_TIME));
  }

  private MainEffects effects(String measure) {
    return findings.cellEffects(measure);
  }

  private Timing timing() {
    return findings.recipe().timing().orElseThrow();
  }

  /** The longest length at which the first timed arm was measured at all. */
  int longest() {
    String control = timing().arms().getFirst();
    return timing().lengths().stream()
        .filter(
            length ->
                timing().paths().stream()
                    .anyMatch(path -> stepTime(control, path, length).isPresent()))
        .max(Comparator.naturalOrder())
        .orElse(Collections.max(timing().lengths()));
  }

  private static Quantity ms(String name) {
    return new Quantity(name, "ms");
  }

  private static Quantity mib(String name) {
    return new Quantity(name, "MiB");
  }

  private Block bars(Quantity measure) {
    return new Block.Figure(
        chart(measure),
        "Medians of "
            + timing().samples()
            + " calls at "
            + timing().batch()
            + " x "
            + longest()
            + " tokens, "
            + timing().dtype()
            + ", each cell in a process of its own.");
  }

  private Block memoryBars(String measure) {
    return new Block.Figure(
        chart(mib(measure)),
        "Resident memory at its peak over the calls that were timed, above what the process had"
            + " when it began: weights, activations, what the runtime keeps; the step also holds"
            + " gradients and both AdamW moments.");
  }

  private BarChart chart(Quantity measure) {
    List<BarChart.Group> groups =
        timing().paths().stream()
            .map(
                path ->
                    new BarChart.Group(
                        path,
                        timing().arms().stream()
                            .map(arm -> bar(findings.cell(arm, path, longest()), measure))
                            .toList()))
            .toList();
    String title =
        measure.name().substring(0, 1).toUpperCase(Locale.ROOT) + measure.name().substring(1);
    return new BarChart(title + " by path", measure, timing().arms(), groups);
  }

  private static Value bar(Optional<RunRecord> cell, Quantity measure) {
    if (cell.isEmpty()) return Value.missing("not run");
    if (cell.get().getOutcome().getStatus() != Status.COMPLETE) {
      return Value.missing(cell.get().getOutcome().getStatus().name().toLowerCase(Locale.ROOT));
    }
    return Findings.measurement(cell.get(), measure.name())
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
    String control = timing().arms().getFirst();
    for (String arm : timing().arms().subList(1, timing().arms().size())) {
      List<Cell> row = new ArrayList<>(List.of(Cell.text(arm)));
      for (String path : timing().paths()) {
        row.add(
            ratio(arm, control, path, longest())
                .map(ratio -> Cell.estimate(ratio.ratio(), ratio.interval()))
                .orElse(Cell.missing("not run")));
      }
      rows.add(row);
    }
    List<Column> columns = new ArrayList<>(List.of(Column.text("arm")));
    timing().paths().forEach(path -> columns.add(Column.estimate(Quantity.of(path))));
    return new Block.Table(
        "Training step time as a multiple of "
            + control
            + " on the same path: ratio of the medians with a bootstrap interval over the calls."
            + " It knows nothing of how the machine drifted between two processes.",
        columns,
        rows);
  }

  /** The ratio of two arms' training step times, where both were measured. */
  Optional<MedianRatio> ratio(String arm, String control, String path, int length) {
    return samples(arm, path, length)
        .flatMap(
            above ->
                samples(control, path, length)
                    .map(below -> MedianRatio.of(above, below, Findings.CONFIDENCE)));
  }

  /** The median training step time of a cell, ms. */
  Optional<Double> stepTime(String arm, String path, int length) {
    return findings
        .cell(arm, path, length)
        .flatMap(run -> Findings.measurement(run, TimingCell.STEP_TIME))
        .map(Measurement::getValue);
  }

  /** The training step's peak memory, MiB. */
  Optional<Double> stepMemory(String arm, String path, int length) {
    return findings
        .cell(arm, path, length)
        .flatMap(run -> Findings.measurement(run, TimingCell.STEP_MEMORY))
        .map(Measurement::getValue);
  }

  private Optional<List<Double>> samples(String arm, String path, int length) {
    return findings
        .cell(arm, path, length)
        .flatMap(run -> Findings.measurement(run, TimingCell.STEP_TIME))
        .map(Measurement::getSamplesList);
  }

  private List<Block> sweep() {
    if (timing().lengths().size() < 2) {
      return List.of(Block.Paragraph.of("Only one length was timed."));
    }
    List<Block> figures = new ArrayList<>();
    for (String path : timing().paths()) {
      List<LineChart.Series> times = series(path, TimingCell.STEP_TIME);
      if (times.isEmpty()) continue;
      figures.add(
          new Block.Figure(
              sweepChart("Training step by length, " + path, ms(TimingCell.STEP_TIME), times),
              "Median time of a step of "
                  + timing().batch()
                  + " sequences on the "
                  + path
                  + " path."));
    }
    String path = timing().paths().getLast();
    List<LineChart.Series> memory = series(path, TimingCell.STEP_MEMORY);
    if (!memory.isEmpty()) {
      figures.add(
          new Block.Figure(
              sweepChart(
                  "Training step memory by length, " + path, mib(TimingCell.STEP_MEMORY), memory),
              "Peak resident memory above the process's start, on the " + path + " path."));
    }
    return figures;
  }

  private static LineChart sweepChart(
      String title, Quantity measure, List<LineChart.Series> series) {
    return new LineChart(
        title, Axis.log2(new Quantity("length", "tokens")), Axis.log(measure), series, List.of());
  }

  private List<LineChart.Series> series(String path, String measure) {
    List<LineChart.Series> all = new ArrayList<>();
    for (String arm : timing().arms()) {
      List<LineChart.Point> points = new ArrayList<>();
      for (int length : timing().lengths().stream().sorted().toList()) {
        findings
            .cell(arm, path, length)
            .flatMap(run -> Findings.measurement(run, measure))
            .ifPresent(found -> points.add(LineChart.Point.of(length, found.getValue())));
      }
      if (!points.isEmpty()) all.add(new LineChart.Series(arm, points));
    }
    return all;
  }
}
