package io.gemlab.reports.statistics.items;

import io.gemlab.reports.statistics.Bootstrap;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.List;
import java.util.Optional;

/**
 * Two models on the same items: what is hard or easy for both drops out, which two scores with an
 * error each can't show.
 *
 * @param n how many items both have
 * @param first the first model's score of them
 * @param second the second's
 * @param difference first - second
 * @param interval of the difference, by the percentile bootstrap: clusters are drawn anew, with
 *     both models' values
 * @param mcNemar the exact test, where values are right and wrong answers
 */
public record PairedScores(
    int n,
    double first,
    double second,
    double difference,
    Interval interval,
    Optional<McNemar> mcNemar) {

  /**
   * Compares.
   *
   * @param items two or more
   */
  public static PairedScores of(
      List<PairedItem> items, Aggregate aggregate, Confidence confidence) {
    if (items.size() < 2) {
      throw new IllegalArgumentException(
          items.size() + " items are in common; a comparison needs at least 2");
    }
    Clusters clusters = Clusters.of(items.stream().map(PairedItem::cluster).toList());
    double[] firsts = clusters.sums(items, PairedItem::first);
    double[] seconds = clusters.sums(items, PairedItem::second);
    double[] weights = clusters.sums(items, PairedItem::weight);
    int all = clusters.count();
    double weight = sum(weights);
    double first = aggregate.of(sum(firsts) / weight);
    double second = aggregate.of(sum(seconds) / weight);
    Interval interval =
        Bootstrap.interval(
            random -> {
              double a = 0;
              double b = 0;
              double drawnWeight = 0;
              for (int i = 0; i < all; i++) {
                int drawn = random.nextInt(all);
                a += firsts[drawn];
                b += seconds[drawn];
                drawnWeight += weights[drawn];
              }
              return aggregate.of(a / drawnWeight) - aggregate.of(b / drawnWeight);
            },
            confidence);
    return new PairedScores(
        items.size(),
        first,
        second,
        first - second,
        interval,
        McNemar.fits(items) ? Optional.of(McNemar.of(items)) : Optional.empty());
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) sum += value;
    return sum;
  }
}
