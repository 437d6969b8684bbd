package io.gemlab.reports.statistics.items;

import io.gemlab.reports.statistics.Checks;

/**
 * One item's part in a score.
 *
 * @param value such as 1 for a right answer, or the log-likelihood of a text; finite
 * @param weight what the value is over, such as the text's words; 1 in a plain mean
 * @param cluster what it has in common with items that aren't independent of it
 */
public record Item(double value, double weight, String cluster) {
  public Item {
    Checks.finite("item", value);
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException("an item's weight is " + weight + "; it is above 0");
    }
  }
}
