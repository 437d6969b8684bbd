package io.gemlab.reports.statistics.items;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.Proportion;
import java.util.List;

/**
 * A score of many items, and how far off it may be for the items being these and no others. What
 * few-shot examples, wording and the run's seed add is not in it.
 *
 * @param score the aggregate of the weighted mean
 * @param n how many items
 * @param standardError as if each item were independent of the others; NaN for a single one
 * @param clusters how many groups of items there are that have nothing in common
 * @param clusteredError the standard error that lets items of a cluster go together; the other one
 *     where each is alone, NaN for a single cluster
 * @see <a href="https://arxiv.org/abs/2411.00640">Miller 2024, Adding error bars to evals</a>
 */
public record ItemScore(
    double score, int n, double standardError, int clusters, double clusteredError) {

  /**
   * Scores items.
   *
   * @param items one or more
   */
  public static ItemScore of(List<Item> items, Aggregate aggregate) {
    if (items.isEmpty()) {
      throw new IllegalArgumentException("a score of no items; give at least one");
    }
    double weight = items.stream().mapToDouble(Item::weight).sum();
    double mean = items.stream().mapToDouble(Item::value).sum() / weight;
    double[] residuals =
        items.stream().mapToDouble(item -> item.value() - mean * item.weight()).toArray();
    double slope = aggregate.slope(mean);
    Clusters clusters = Clusters.of(items.stream().map(Item::cluster).toList());
    return new ItemScore(
        aggregate.of(mean),
        items.size(),
        slope * Clusters.ofEach(items.size()).standardError(residuals, weight),
        clusters.count(),
        slope * clusters.standardError(residuals, weight));
  }

  /** Whether some items go together. */
  public boolean isClustered() {
    return clusters < n;
  }

  /**
   * Student's t interval by the clustered error, with as many degrees of freedom as there are
   * clusters less one. Where all answers are wrong, or all right, nothing scatters, and it is
   * Wilson's of as many answers as there are clusters. Of no width for a single cluster, which
   * can't say.
   */
  public Interval interval(Confidence confidence) {
    if (clusters < 2) return new Interval(score, score, confidence);
    boolean allAlike = clusteredError == 0 && (score == 0 || score == 1);
    return allAlike
        ? Proportion.of(score == 0 ? 0 : clusters, clusters, confidence).interval()
        : confidence.around(score, clusteredError, clusters - 1);
  }
}
