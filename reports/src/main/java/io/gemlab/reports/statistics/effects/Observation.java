package io.gemlab.reports.statistics.effects;

import io.gemlab.reports.statistics.Checks;
import java.util.List;

/**
 * One run, as {@link MainEffects} sees it.
 *
 * @param levels one level a factor
 * @param value the measure, finite
 */
public record Observation(List<FactorLevel> levels, double value) {
  public Observation {
    levels = List.copyOf(levels);
    Checks.finite("measure of the run " + levels, value);
    if (levels.stream().map(FactorLevel::factor).distinct().count() < levels.size()) {
      throw new IllegalArgumentException(
          "the run " + levels + " names a factor twice; a factor has one level a run");
    }
  }

  /** The level of a factor. */
  String level(String factor) {
    return levels.stream()
        .filter(level -> level.factor().equals(factor))
        .map(FactorLevel::level)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the run "
                        + levels
                        + " has no level of factor "
                        + factor
                        + "; all runs of one analysis have the same factors"));
  }
}
