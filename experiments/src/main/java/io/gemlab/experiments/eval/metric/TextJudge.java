package io.gemlab.experiments.eval.metric;

import io.gemlab.experiments.eval.request.Answer;
import io.gemlab.experiments.eval.task.FilterSpec;
import io.gemlab.experiments.eval.task.MetricSpec;
import io.gemlab.experiments.eval.task.TaskItem.Expected;
import io.gemlab.reports.statistics.items.Aggregate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether what a filter takes out of a generated text is what was to come.
 *
 * @param metrics {@code exact_match}, and how it compares
 * @param filters each judged for itself
 */
record TextJudge(List<MetricSpec> metrics, List<FilterSpec> filters) implements Judge {

  @Override
  public Judged judge(Expected expected, List<Answer> answers) {
    String text = ((Answer.Text) answers.getFirst()).text();
    List<String> references = ((Expected.Texts) expected).references();
    Map<Metric, Measured> measured = new LinkedHashMap<>();
    Map<String, String> extracted = new LinkedHashMap<>();
    for (FilterSpec filter : filters) {
      String found = new Extraction(filter).of(text);
      extracted.put(filter.name(), found);
      for (MetricSpec metric : metrics) {
        String name =
            filter.name().equals(FilterSpec.NONE.name())
                ? metric.name()
                : metric.name() + "," + filter.name();
        ExactMatch match = new ExactMatch(metric.matching());
        measured.put(
            new Metric(name, Aggregate.MEAN, metric.higherIsBetter()),
            Measured.of(references.stream().anyMatch(each -> match.isSame(found, each))));
      }
    }
    return new Judged(measured, extracted);
  }
}
