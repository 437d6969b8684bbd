package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Timing;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.program.Turns;
import io.gemlab.experiments.program.TurnsText;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.timing.MedianRatio;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The timing runs of an ablation, by arm, path and length.
 *
 * @param timing what was to be timed
 * @param runs those that there are, whatever became of them
 */
record Timings(Timing timing, List<RunView> runs) {

  /** The arm that the others are compared with: the first that is timed. */
  String control() {
    return timing.arms().getFirst();
  }

  /** The other arms. */
  List<String> others() {
    return timing.arms().subList(1, timing.arms().size());
  }

  /** The longest length at which the control was measured at all. */
  int longest() {
    return timing.lengths().stream()
        .filter(
            length ->
                timing.paths().stream()
                    .anyMatch(
                        path -> value(Measures.STEP_TIME, control(), path, length).isPresent()))
        .max(Comparator.naturalOrder())
        .orElse(Collections.max(timing.lengths()));
  }

  /** A cell's run. */
  Optional<RunView> cell(String arm, ExecutionPath path, int length) {
    return runs.stream()
        .filter(run -> run.arm().equals(arm))
        .filter(run -> run.path().equals(path.label()))
        .filter(run -> run.length() == length)
        .findFirst();
  }

  /** What a cell measured. */
  Optional<Double> value(Measure measure, String arm, ExecutionPath path, int length) {
    return measurement(measure, arm, path, length).map(Measurement::getValue);
  }

  /**
   * How many times an arm's training step takes the control's time.
   *
   * @param interval of the ratio
   */
  record Ratio(double ratio, Interval interval) {
    /** An interval this many times wider than itself says hardly more than that there is one. */
    private static final double WIDE = 1.5;

    boolean isWide() {
      return interval.high() > WIDE * interval.low();
    }
  }

  /**
   * The ratio of an arm's training step time to the control's, where both were measured and neither
   * disturbed: turn by turn, or of the medians where they did not take turns.
   */
  Optional<Ratio> stepRatio(String arm, ExecutionPath path, int length) {
    Optional<RunView> above = measured(Measures.STEP_TIME, arm, path, length);
    Optional<RunView> below = measured(Measures.STEP_TIME, control(), path, length);
    if (above.isEmpty() || below.isEmpty() || disturbance(arm, path, length).isPresent()) {
      return Optional.empty();
    }
    Turns ours = Turns.of(above.get(), Measures.STEP_TIME);
    Turns theirs = Turns.of(below.get(), Measures.STEP_TIME);
    if (ours.tookTurnsWith(theirs)) {
      return ours.ratio(theirs, Findings.CONFIDENCE)
          .map(paired -> new Ratio(paired.ratio(), paired.interval()));
    }
    MedianRatio medians =
        MedianRatio.of(
            above.get().samples(Measures.STEP_TIME),
            below.get().samples(Measures.STEP_TIME),
            Findings.CONFIDENCE);
    return Optional.of(new Ratio(medians.ratio(), medians.interval()));
  }

  /** Why there is no ratio of two times that were measured. */
  Optional<String> notCompared(String arm, ExecutionPath path, int length) {
    if (measured(Measures.STEP_TIME, arm, path, length).isEmpty()
        || measured(Measures.STEP_TIME, control(), path, length).isEmpty()
        || stepRatio(arm, path, length).isPresent()) {
      return Optional.empty();
    }
    return disturbance(arm, path, length)
        .or(() -> Optional.of("other work disturbed too many turns of one or the other"));
  }

  /** The turns of every time that was measured, by the cell's name and the time's. */
  TurnsText turns() {
    Map<String, Turns> all = new LinkedHashMap<>();
    for (RunView run : runs) {
      for (Measure time : List.of(Measures.STEP_TIME, Measures.FORWARD_TIME)) {
        all.put(
            "%s of %s, %s, %d tokens".formatted(time.name(), run.arm(), run.path(), run.length()),
            Turns.of(run, time));
      }
    }
    return new TurnsText(all);
  }

  /** What disturbed an arm's training step, or the control's, so that they can't be compared. */
  Optional<String> disturbance(String arm, ExecutionPath path, int length) {
    return disturbed(arm, path, length).or(() -> disturbed(control(), path, length));
  }

  private Optional<String> disturbed(String arm, ExecutionPath path, int length) {
    return measured(Measures.STEP_TIME, arm, path, length)
        .flatMap(run -> Turns.of(run, Measures.STEP_TIME).disturbance());
  }

  /** A cell's run, if it has a measure. */
  private Optional<RunView> measured(Measure measure, String arm, ExecutionPath path, int length) {
    return cell(arm, path, length).filter(run -> run.measurement(measure).isPresent());
  }

  private Optional<Measurement> measurement(
      Measure measure, String arm, ExecutionPath path, int length) {
    return cell(arm, path, length).flatMap(run -> run.measurement(measure));
  }
}
