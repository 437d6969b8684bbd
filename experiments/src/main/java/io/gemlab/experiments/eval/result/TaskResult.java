package io.gemlab.experiments.eval.result;

import io.gemlab.experiments.eval.metric.Measured;
import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.task.PromptHash;
import io.gemlab.experiments.eval.task.TaskItem.Expected.Choice;
import io.gemlab.experiments.eval.task.TaskSpec;
import io.gemlab.reports.statistics.items.Item;
import io.gemlab.reports.statistics.items.ItemScore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a task came to.
 *
 * @param task what was asked
 * @param documents how many there are, of which the items are the first
 * @param items one or more
 * @param cut requests whose beginning was left out, since the model reads no more
 */
public record TaskResult(TaskSpec task, int documents, List<ItemResult> items, int cut) {
  public TaskResult {
    items = List.copyOf(items);
  }

  /**
   * The score by each metric, in the task's order; items that a metric says nothing of left out.
   */
  public Map<Metric, ItemScore> scores() {
    Map<Metric, ItemScore> scores = new LinkedHashMap<>();
    items(items)
        .forEach((metric, values) -> scores.put(metric, ItemScore.of(values, metric.aggregate())));
    return scores;
  }

  /** The values of items by metric. */
  static Map<Metric, List<Item>> items(List<ItemResult> items) {
    Map<Metric, List<Item>> byMetric = new LinkedHashMap<>();
    for (ItemResult item : items) {
      for (Map.Entry<Metric, Measured> each : item.judged().metrics().entrySet()) {
        byMetric
            .computeIfAbsent(each.getKey(), _ -> new ArrayList<>())
            .add(new Item(each.getValue().value(), each.getValue().weight(), item.cluster()));
      }
    }
    return byMetric;
  }

  /** How many items have a label that is none of their choices, so that no answer is right. */
  public long unanswerable() {
    return items.stream()
        .filter(item -> item.item().expected() instanceof Choice choice && choice.right().isEmpty())
        .count();
  }

  /** Tells whether another evaluation asked the same. */
  public String promptHash() {
    return PromptHash.of(items.stream().map(ItemResult::item).toList());
  }

  /** What guessing would come to in a choice; empty where there are no choices. */
  public OptionalDouble chance() {
    return items.stream()
        .map(item -> item.item().expected())
        .filter(Choice.class::isInstance)
        .map(Choice.class::cast)
        .mapToDouble(choice -> (double) choice.right().size() / choice.choices().size())
        .average();
  }
}
