package io.gemlab.experiments.eval.task;

import java.util.List;

/**
 * What is done to a generated text before it is judged.
 *
 * @param name of the whole
 * @param steps one after the other
 */
public record FilterSpec(String name, List<Step> steps) {
  /** The text as it is. */
  public static final FilterSpec NONE = new FilterSpec("none", List.of());

  /** One thing that is done. */
  public sealed interface Step {
    /**
     * A match is taken out.
     *
     * @param pattern Python's regular expression
     * @param group which match counts: from 0, or below 0 from the last
     * @param fallback what stands where none matches
     */
    record Regex(String pattern, int group, String fallback) implements Step {}

    /** White space around it goes. */
    record Strip() implements Step {}

    /** It becomes small letters. */
    record Lowercase() implements Step {}

    /** It becomes capitals. */
    record Uppercase() implements Step {}
  }
}
