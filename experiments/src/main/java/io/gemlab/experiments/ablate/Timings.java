package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Timing;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.statistics.timing.MedianRatio;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
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

  /** The ratio of an arm's training step time to the control's, where both were measured. */
  Optional<MedianRatio> stepRatio(String arm, ExecutionPath path, int length) {
    return measurement(Measures.STEP_TIME, arm, path, length)
        .flatMap(
            above ->
                measurement(Measures.STEP_TIME, control(), path, length)
                    .map(
                        below ->
                            MedianRatio.of(
                                above.getSamplesList(),
                                below.getSamplesList(),
                                Findings.CONFIDENCE)));
  }

  private Optional<Measurement> measurement(
      Measure measure, String arm, ExecutionPath path, int length) {
    return cell(arm, path, length).flatMap(run -> run.measurement(measure));
  }
}
