package io.gemlab.experiments.eval.task;

import java.util.List;
import java.util.Optional;

/**
 * Tasks with results in common.
 *
 * @param name {@code group}
 * @param version {@code metadata.version}; empty where it has none
 * @param tasks names of its tasks, those of its subgroups among them
 * @param metrics what is averaged over them
 */
public record GroupSpec(
    String name, Optional<String> version, List<String> tasks, List<Average> metrics) {
  /**
   * A metric averaged over tasks.
   *
   * @param metric its name
   * @param bySize whether a task counts by the number of its items, or each alike
   */
  public record Average(String metric, boolean bySize) {}
}
