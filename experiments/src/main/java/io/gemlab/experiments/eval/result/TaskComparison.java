package io.gemlab.experiments.eval.result;

import io.gemlab.experiments.eval.metric.Measured;
import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.items.PairedItem;
import io.gemlab.reports.statistics.items.PairedScores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A task's items and those of an earlier evaluation.
 *
 * @param task its name
 * @param scores by each metric that both have, of the items that both were asked alike; this
 *     evaluation is the first
 * @param alone items that only one of the two was asked, or that were asked otherwise
 */
public record TaskComparison(String task, Map<Metric, PairedScores> scores, int alone) {

  /** Compares the tasks that both have. */
  public static List<TaskComparison> of(EvalResult result, EarlierResult earlier) {
    List<TaskComparison> comparisons = new ArrayList<>();
    for (TaskResult task : result.tasks()) {
      EarlierResult.EarlierTask other = earlier.tasks().get(task.task().name());
      if (other != null) comparisons.add(of(task, other.samples()));
    }
    return comparisons;
  }

  private static TaskComparison of(TaskResult task, List<SamplesFile.Sample> earlier) {
    Map<Integer, SamplesFile.Sample> others = new HashMap<>();
    earlier.forEach(sample -> others.put(sample.id(), sample));
    Map<Metric, List<PairedItem>> pairs = new LinkedHashMap<>();
    int common = 0;
    for (ItemResult item : task.items()) {
      SamplesFile.Sample own = SamplesFile.sample(item);
      SamplesFile.Sample other = others.get(own.id());
      if (other == null || !other.promptHash().equals(own.promptHash())) continue;
      common++;
      for (Map.Entry<Metric, Measured> each : item.judged().metrics().entrySet()) {
        Measured first = each.getValue();
        Measured second = other.metrics().get(each.getKey().name());
        if (second == null) continue;
        pairs
            .computeIfAbsent(each.getKey(), _ -> new ArrayList<>())
            .add(new PairedItem(first.value(), second.value(), first.weight(), item.cluster()));
      }
    }
    Map<Metric, PairedScores> scores = new LinkedHashMap<>();
    pairs.forEach(
        (metric, items) -> {
          if (items.size() < 2) return;
          scores.put(metric, PairedScores.of(items, metric.aggregate(), Confidence.NINETY_FIVE));
        });
    return new TaskComparison(
        task.task().name(), scores, task.items().size() + earlier.size() - 2 * common);
  }
}
