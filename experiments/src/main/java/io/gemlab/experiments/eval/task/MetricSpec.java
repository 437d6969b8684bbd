package io.gemlab.experiments.eval.task;

import java.util.List;

/**
 * A metric that a task asks for.
 *
 * @param name such as {@code acc}
 * @param higherIsBetter whether more of it is better
 * @param matching how texts are compared, where they are
 */
public record MetricSpec(String name, boolean higherIsBetter, Matching matching) {
  /**
   * What {@code exact_match} does to both texts first.
   *
   * @param ignored regular expressions whose matches are taken out
   */
  public record Matching(
      List<String> ignored, boolean ignoreCase, boolean ignorePunctuation, boolean ignoreNumbers) {
    public static final Matching PLAIN = new Matching(List.of(), false, false, false);
  }
}
