package io.gemlab.experiments.bench;

import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** What the record of a cell says. */
record CellFinding(BenchPlan.Cell cell, RunRecord record) {
  boolean isComplete() {
    return record.getOutcome().getStatus() == Outcome.Status.COMPLETE;
  }

  /** How the cell ended, in a word. */
  String ended() {
    return record.getOutcome().getStatus().name().toLowerCase(Locale.ROOT);
  }

  /** Milliseconds of each call timed. */
  List<Double> samples() {
    return measurement(CellRun.TIME).getSamplesList();
  }

  /** Milliseconds of a call. */
  MedianEstimate time() {
    return MedianEstimate.of(samples(), Confidence.NINETY_FIVE);
  }

  /** FLOP of the matrix products of a call. */
  double productFlops() {
    return measurement(CellRun.PRODUCTS).getValue();
  }

  /** The most memory resident while calls were timed, above what the process began with. */
  OptionalDouble peakMib() {
    return record.getMeasurementsList().stream()
        .filter(one -> one.getName().equals(CellRun.MEMORY))
        .mapToDouble(Measurement::getValue)
        .findFirst();
  }

  /** Where the time of the watched call went. */
  TimeByKind timeByKind() {
    return new TimeByKind(
        measurement(CellRun.SPAN).getValue(),
        record.getMeasurementsList().stream()
            .filter(one -> one.getName().startsWith(CellRun.NODE_TIME))
            .map(
                one -> {
                  String label = one.getName().substring(CellRun.NODE_TIME.length());
                  int nodes = (int) measurement(CellRun.NODES + label).getValue();
                  return new TimeByKind.Kind(label, one.getValue(), nodes);
                })
            .toList());
  }

  private Measurement measurement(String name) {
    return record.getMeasurementsList().stream()
        .filter(one -> one.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
