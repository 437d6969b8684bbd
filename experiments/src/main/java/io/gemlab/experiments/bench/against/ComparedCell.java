package io.gemlab.experiments.bench.against;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.paired.Pair;
import io.gemlab.reports.statistics.paired.PairedComparison;
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

  /**
   * How many times faster this build is: the geometric mean over rounds of their time over ours,
   * with Student's t interval of the logarithms.
   *
   * @param factor above 1 where this build is faster
   * @param interval of the factor
   * @param pValue two-sided, of the hypothesis that both are equally fast
   */
  record Speed(double factor, Interval interval, double pValue) {}

  Speed speed(Confidence confidence) {
    List<Pair> logarithms =
        java.util.stream.IntStream.range(0, rounds.size())
            .mapToObj(
                round ->
                    new Pair(
                        round,
                        Math.log(rounds.get(round).ours()),
                        Math.log(rounds.get(round).theirs())))
            .toList();
    PairedComparison compared = PairedComparison.of(logarithms, confidence);
    Interval interval = compared.interval();
    return new Speed(
        Math.exp(compared.meanDifference()),
        new Interval(Math.exp(interval.low()), Math.exp(interval.high()), interval.confidence()),
        compared.pValue());
  }

  List<Double> ours() {
    return rounds.stream().map(Round::ours).toList();
  }

  List<Double> theirs() {
    return rounds.stream().map(Round::theirs).toList();
  }
}
