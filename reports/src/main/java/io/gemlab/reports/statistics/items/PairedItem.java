package io.gemlab.reports.statistics.items;

/**
 * What two models made of the same item.
 *
 * @param first one model's value
 * @param second the other's
 * @param weight as in {@link Item}
 * @param cluster likewise
 */
public record PairedItem(double first, double second, double weight, String cluster) {
  public PairedItem {
    new Item(first, weight, cluster);
    new Item(second, weight, cluster);
  }
}
