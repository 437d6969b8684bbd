package io.gemlab.experiments.bench.jmh;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What JMH found of one op in one pass on one path at one length.
 *
 * @param millis mean time of a call: JMH's score
 * @param interval JMH's score and error
 * @param xlaPrograms programs that XLA compiled of the op
 */
record OpFinding(
    BenchmarkedOp op,
    OpProgram.Pass pass,
    String path,
    int length,
    double millis,
    Interval interval,
    int xlaPrograms) {
  /** JMH's error is half the width of an interval of this confidence. */
  private static final Confidence CONFIDENCE = new Confidence(0.999);

  static OpFinding of(RunResult run) {
    BenchmarkParams params = run.getParams();
    Result<?> score = run.getPrimaryResult();
    double[] ends = score.getScoreConfidence();
    // The same number in every iteration; JMH adds iterations up.
    Result<?> programs = run.getSecondaryResults().get("xlaPrograms");
    return new OpFinding(
        op(params),
        pass(params),
        params.getParam("path"),
        Integer.parseInt(params.getParam("length")),
        score.getScore(),
        new Interval(ends[0], ends[1], CONFIDENCE),
        (int) programs.getStatistics().getMax());
  }

  static BenchmarkedOp op(BenchmarkParams params) {
    return BenchmarkedOp.valueOf(params.getParam("op"));
  }

  static OpProgram.Pass pass(BenchmarkParams params) {
    return OpProgram.Pass.valueOf(params.getParam("pass"));
  }
}
