package io.gemlab.experiments.bench;

import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.Profile;
import io.gemlab.ops.choice.Support;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.MedianEstimate;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/** What came of a cell. */
sealed interface CellResult {
  BenchPlan.Cell cell();

  /**
   * It ran.
   *
   * @param started when tracing began
   * @param ended when the last call ended
   * @param seconds of each timed call
   * @param productFlops FLOP of the matrix products in the traced graph
   * @param execution what the path made of the graph
   * @param peakBytes the most memory the process had resident while the cell ran
   * @param profile of one call more
   */
  record Measured(
      BenchPlan.Cell cell,
      Instant started,
      Instant ended,
      List<Double> seconds,
      double productFlops,
      ExecutionReport execution,
      OptionalLong peakBytes,
      Profile profile)
      implements CellResult {
    public Measured {
      seconds = List.copyOf(seconds);
    }

    /** Seconds of a call. */
    MedianEstimate time() {
      return MedianEstimate.of(seconds, Confidence.NINETY_FIVE);
    }

    /** What the first call took longer than a later one. */
    double compileSeconds() {
      return Math.max(0, execution.firstCall().toNanos() / 1e9 - time().median());
    }
  }

  /** The path can't run it here. */
  record Refused(BenchPlan.Cell cell, Instant at, Support.Unsupported refusal)
      implements CellResult {}
}
