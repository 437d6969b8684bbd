package io.gemlab.reports.statistics.effects;

import io.gemlab.reports.statistics.Checks;

/**
 * One factor of a run and the level it was set to.
 *
 * @param factor what was varied, such as {@code attention}, {@code path} or {@code seed}
 * @param level how it was set in this run, such as {@code blockwise}
 */
public record FactorLevel(String factor, String level) {
  public FactorLevel {
    Checks.named("factor", factor);
    Checks.named("level of factor " + factor, level);
  }

  @Override
  public String toString() {
    return factor + "=" + level;
  }
}
