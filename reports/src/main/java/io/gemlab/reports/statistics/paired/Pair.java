package io.gemlab.reports.statistics.paired;

/**
 * One measure of two arms that were run alike but for the arm: same seed, same data order, same
 * machine.
 *
 * @param seed what the two runs share, and how the pair is named
 * @param control the control arm's value, finite
 * @param arm the other arm's value, finite, in the same unit
 */
public record Pair(long seed, double control, double arm) {
  public Pair {
    if (!Double.isFinite(control) || !Double.isFinite(arm)) {
      throw new IllegalArgumentException(
          "pair of seed "
              + seed
              + " is control "
              + control
              + ", arm "
              + arm
              + "; leave out runs that did not end with a finite number, and report them");
    }
  }

  /** arm - control. */
  public double difference() {
    return arm - control;
  }
}
