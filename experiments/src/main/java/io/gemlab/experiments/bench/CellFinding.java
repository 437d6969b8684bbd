package io.gemlab.experiments.bench;

import io.gemlab.experiments.program.CellTimer;
import io.gemlab.experiments.program.TimeByKind;
import io.gemlab.experiments.program.Turns;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import java.util.List;
import java.util.OptionalDouble;

/** What the record of a cell says. */
record CellFinding(BenchPlan.Cell cell, RunView run) {
  boolean isComplete() {
    return run.isComplete();
  }

  /** How the cell ended, in a word. */
  String ended() {
    return run.ended();
  }

  /** Milliseconds of a call in each turn. */
  List<Double> samples() {
    return run.samples(CellTimer.TIME);
  }

  /** Milliseconds of a call. */
  MedianEstimate time() {
    return MedianEstimate.of(samples(), Confidence.NINETY_FIVE);
  }

  /** The turns in which it was timed. */
  Turns turns() {
    return Turns.of(run, CellTimer.TIME);
  }

  /** FLOP of the matrix products of a call. */
  double productFlops() {
    return run.value(CellTimer.PRODUCTS);
  }

  /** The most memory resident while calls were timed, above what the process began with. */
  OptionalDouble peakMib() {
    return run.measurement(CellTimer.MEMORY).stream()
        .mapToDouble(Measurement::getValue)
        .findFirst();
  }

  /** Where the time of the watched call went. */
  TimeByKind timeByKind() {
    return TimeByKind.of(run);
  }
}
