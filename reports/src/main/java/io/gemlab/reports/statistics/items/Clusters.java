package io.gemlab.reports.statistics.items;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Items added up cluster by cluster: what is independent of each other. */
final class Clusters {
  private final int[] clusterOf;
  private final int count;

  private Clusters(int[] clusterOf, int count) {
    this.clusterOf = clusterOf;
    this.count = count;
  }

  /** Those that items name. */
  static Clusters of(List<String> names) {
    Map<String, Integer> numbers = new HashMap<>();
    int[] clusterOf = new int[names.size()];
    for (int i = 0; i < clusterOf.length; i++) {
      clusterOf[i] = numbers.computeIfAbsent(names.get(i), _ -> numbers.size());
    }
    return new Clusters(clusterOf, numbers.size());
  }

  /** One for each item. */
  static Clusters ofEach(int items) {
    int[] clusterOf = new int[items];
    Arrays.setAll(clusterOf, i -> i);
    return new Clusters(clusterOf, items);
  }

  int count() {
    return count;
  }

  /** A sum a cluster. */
  <T> double[] sums(List<T> items, ToDoubleFunction<T> value) {
    double[] sums = new double[count];
    for (int i = 0; i < clusterOf.length; i++) {
      sums[clusterOf[i]] += value.applyAsDouble(items.get(i));
    }
    return sums;
  }

  /**
   * The standard error of a ratio of sums, {@code sum(values) / sum(weights)}: residuals are added
   * up within clusters, and the clusters scatter (Miller 2024, equation 4, with n / (n - 1) for few
   * clusters). Of weights of 1, each item a cluster, it is the standard deviation over the root of
   * n.
   *
   * @param residuals value - ratio * weight, item by item
   * @param weight the sum of all weights
   */
  double standardError(double[] residuals, double weight) {
    double[] sums = new double[count];
    for (int i = 0; i < residuals.length; i++) sums[clusterOf[i]] += residuals[i];
    double squares = Arrays.stream(sums).map(sum -> sum * sum).sum();
    return Math.sqrt(squares * count / (count - 1)) / weight;
  }
}
