package io.gemlab.experiments.eval.task;

import io.gemlab.experiments.recipe.Fields;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.base.text.jinja.PythonRegex;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code filter_list}. An answer is generated once, so that {@code take_first} takes what
 * there is; filters that choose among several are refused by name.
 */
record FilterReader(Fields fields) {
  private static final List<String> KNOWN =
      List.of("regex", "take_first", "remove_whitespace", "lowercase", "uppercase");

  private static final String PATTERN = "#### (\\-?[0-9\\.\\,]+)";

  List<FilterSpec> filters() {
    if (fields.has("repeats") && fields.integer("repeats") != 1) {
      throw new InvalidInput(
          "%s: repeats is %d, and answers are generated once; leave the task out"
              .formatted(fields.where(), fields.integer("repeats")));
    }
    if (!fields.has("filter_list")) return List.of(FilterSpec.NONE);
    List<FilterSpec> filters = new ArrayList<>();
    for (Fields filter : fields.objects("filter_list")) {
      filter.only(List.of("name", "filter"));
      List<FilterSpec.Step> steps = new ArrayList<>();
      for (Fields step : filter.objects("filter")) add(step, steps);
      filters.add(new FilterSpec(filter.text("name"), steps));
    }
    return filters;
  }

  private static void add(Fields step, List<FilterSpec.Step> steps) {
    String function = step.text("function");
    if (!function.equals("regex")) step.only(List.of("function"));
    switch (function) {
      case "take_first" -> {}
      case "remove_whitespace" -> steps.add(new FilterSpec.Step.Strip());
      case "lowercase" -> steps.add(new FilterSpec.Step.Lowercase());
      case "uppercase" -> steps.add(new FilterSpec.Step.Uppercase());
      case "regex" -> steps.add(regex(step));
      default -> throw NearestName.unknown(step.where() + ": function", function, KNOWN);
    }
  }

  private static FilterSpec.Step regex(Fields step) {
    step.only(List.of("function", "regex_pattern", "group_select", "fallback"));
    String pattern = step.has("regex_pattern") ? step.text("regex_pattern") : PATTERN;
    step.as(_ -> PythonRegex.compile(pattern)); // refused now and not behind the model's work
    return new FilterSpec.Step.Regex(
        pattern,
        step.has("group_select") ? step.integer("group_select") : 0,
        step.has("fallback") ? step.text("fallback") : "[invalid]");
  }
}
