package io.gemlab.experiments.bench.against;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.timing.PairedRatio;
import java.util.List;

/**
 * One program on one path, by both builds.
 *
 * @param name such as {@code training step, clustered}
 * @param rounds what each round measured, 2 or more
 */
record ComparedCell(String name, List<Round> rounds) {
  ComparedCell {
    rounds = List.copyOf(rounds);
  }

  /**
   * One turn of each build.
   *
   * @param ours milliseconds of a call of this build, the median of the turn
   * @param theirs of the other build
   */
  record Round(double ours, double theirs) {}

  /** How many times faster this build is: their time over ours, paired by round. */
  PairedRatio speed(Confidence confidence) {
    return PairedRatio.of(theirs(), ours(), confidence);
  }

  List<Double> ours() {
    return rounds.stream().map(Round::ours).toList();
  }

  List<Double> theirs() {
    return rounds.stream().map(Round::theirs).toList();
  }
}
