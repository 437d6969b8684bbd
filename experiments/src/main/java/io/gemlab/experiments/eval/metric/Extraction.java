package io.gemlab.experiments.eval.metric;

import io.gemlab.experiments.eval.task.FilterSpec;
import io.gemlab.graph.base.text.jinja.PythonRegex;
import io.gemlab.graph.base.text.jinja.PythonText;
import java.util.List;
import java.util.Locale;

/**
 * Takes an answer out of a text, as lm-evaluation-harness's filters do.
 *
 * @param filter its steps
 */
record Extraction(FilterSpec filter) {

  String of(String text) {
    String rest = text;
    for (FilterSpec.Step step : filter.steps()) {
      rest =
          switch (step) {
            case FilterSpec.Step.Regex regex -> match(regex, rest);
            case FilterSpec.Step.Strip _ -> PythonText.strip(rest);
            case FilterSpec.Step.Lowercase _ -> rest.toLowerCase(Locale.ROOT);
            case FilterSpec.Step.Uppercase _ -> rest.toUpperCase(Locale.ROOT);
          };
    }
    return rest;
  }

  /** Of several groups the first that isn't empty counts; of one, what it holds. */
  private static String match(FilterSpec.Step.Regex regex, String text) {
    List<List<String>> found = PythonRegex.compile(regex.pattern()).findAll(text);
    int place = regex.group() < 0 ? found.size() + regex.group() : regex.group();
    if (place < 0 || place >= found.size()) return regex.fallback();
    List<String> groups = found.get(place);
    if (groups.size() == 1) return PythonText.strip(groups.getFirst());
    return groups.stream()
        .filter(group -> !group.isEmpty())
        .findFirst()
        .map(PythonText::strip)
        .orElse(regex.fallback());
  }
}
