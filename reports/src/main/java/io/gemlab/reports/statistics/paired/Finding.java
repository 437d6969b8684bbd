package io.gemlab.reports.statistics.paired;

/** What a comparison with the control came to, once chance is accounted for. */
public enum Finding {
  /** There is a difference, and nothing shows that it is too small to matter. */
  DIFFERENT,
  /** There is a difference, and it is smaller than the margin. */
  NEGLIGIBLE,
  /** No difference was seen, and none beyond the margin is left possible. */
  EQUIVALENT,
  /** The runs are too few or too scattered to say either; more seeds would tell. */
  UNDECIDED;

  static Finding of(boolean different, boolean equivalent) {
    if (different) return equivalent ? NEGLIGIBLE : DIFFERENT;
    return equivalent ? EQUIVALENT : UNDECIDED;
  }
}
