package io.gemlab.reports.statistics.paired;

import io.gemlab.reports.statistics.Checks;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One measure of one arm, under each seed that it was run with.
 *
 * @param arm the arm's name in the recipe
 * @param bySeed seed to value; all finite, in one unit
 */
public record ArmSample(String arm, SortedMap<Long, Double> bySeed) {
  public ArmSample {
    Checks.named("arm", arm);
    bySeed.forEach((seed, value) -> Checks.finite("arm " + arm + ", seed " + seed, value));
    bySeed = Collections.unmodifiableSortedMap(new TreeMap<>(bySeed));
  }
}
