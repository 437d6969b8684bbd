package io.gemlab.reports.statistics.timing;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.paired.Pair;
import io.gemlab.reports.statistics.paired.PairedComparison;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How many times larger one timing is than another, where both were taken in turns: the geometric
 * mean of the turns' ratios, with Student's t interval of their logarithms. What changes slowly on
 * the machine meets both timings of a pair alike, and cancels.
 *
 * @param ratio without unit
 * @param interval of the ratio
 * @param pValue two-sided, of the hypothesis that both take equally long
 */
public record PairedRatio(double ratio, Interval interval, double pValue) {
  /**
   * The ratio of two timings.
   *
   * @param numerator a positive finite time a turn, of two turns or more
   * @param denominator likewise, of the same turns in the same unit
   * @throws IllegalArgumentException if the turns are not as many, or too few, or a time is not
   *     positive
   */
  public static PairedRatio of(
      List<Double> numerator, List<Double> denominator, Confidence confidence) {
    if (numerator.size() != denominator.size()) {
      throw new IllegalArgumentException(
          "numerator has %d turns and denominator %d; give both of each turn"
              .formatted(numerator.size(), denominator.size()));
    }
    List<Pair> logarithms =
        IntStream.range(0, numerator.size())
            .mapToObj(
                turn ->
                    new Pair(turn, Math.log(denominator.get(turn)), Math.log(numerator.get(turn))))
            .toList();
    PairedComparison compared = PairedComparison.of(logarithms, confidence);
    Interval interval = compared.interval();
    return new PairedRatio(
        Math.exp(compared.meanDifference()),
        new Interval(Math.exp(interval.low()), Math.exp(interval.high()), interval.confidence()),
        compared.pValue());
  }
}
