package io.gemlab.experiments.eval.metric;

import io.gemlab.experiments.eval.task.MetricSpec.Matching;
import io.gemlab.graph.base.text.jinja.PythonRegex;
import java.util.Locale;

/**
 * Compares texts as lm-evaluation-harness's {@code exact_match} does.
 *
 * @param matching what is done to both first
 */
record ExactMatch(Matching matching) {
  /** Python's {@code string.punctuation}. */
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  private static final String DIGITS = "0123456789";

  boolean isSame(String answer, String reference) {
    return plain(answer).equals(plain(reference));
  }

  private String plain(String text) {
    String plain = text;
    for (String regex : matching.ignored()) {
      plain = PythonRegex.compile(regex).replace(plain, "", 0);
    }
    if (matching.ignoreCase()) plain = plain.toLowerCase(Locale.ROOT);
    if (matching.ignorePunctuation()) plain = without(plain, PUNCTUATION);
    return matching.ignoreNumbers() ? without(plain, DIGITS) : plain;
  }

  private static String without(String text, String characters) {
    StringBuilder rest = new StringBuilder();
    for (char c : text.toCharArray()) if (characters.indexOf(c) < 0) rest.append(c);
    return rest.toString();
  }
}
