package io.gemlab.experiments.eval.result;

import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.task.GroupSpec;
import io.gemlab.reports.statistics.items.Aggregate;
import io.gemlab.reports.statistics.items.Item;
import io.gemlab.reports.statistics.items.ItemScore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a group's tasks come to together.
 *
 * @param group which tasks
 * @param tasks their results
 */
public record GroupResult(GroupSpec group, List<TaskResult> tasks) {

  /**
   * A group's score.
   *
   * @param score with the tasks as clusters
   * @param pooledError lm-evaluation-harness's standard error: what the tasks' own come to, as if
   *     the tasks were all there could be
   */
  public record GroupScore(ItemScore score, double pooledError) {}

  /** The score by each metric that the group averages, whatever the filter. */
  public Map<String, GroupScore> scores() {
    Map<String, GroupScore> scores = new LinkedHashMap<>();
    for (GroupSpec.Average average : group.metrics()) {
      tasks.stream()
          .flatMap(task -> task.scores().keySet().stream())
          .filter(metric -> isOf(metric, average))
          .map(Metric::name)
          .distinct()
          .forEach(name -> scores.put(name, score(name, average.bySize())));
    }
    return scores;
  }

  private static boolean isOf(Metric metric, GroupSpec.Average average) {
    boolean named = metric.name().replaceFirst(",.*", "").equals(average.metric());
    return named && metric.aggregate() == Aggregate.MEAN;
  }

  private GroupScore score(String metric, boolean bySize) {
    List<Item> items = new ArrayList<>();
    List<ItemScore> each = new ArrayList<>();
    for (TaskResult task : tasks) {
      TaskResult.items(task.items())
          .forEach(
              (of, values) -> {
                if (!of.name().equals(metric)) return;
                ItemScore own = ItemScore.of(values, of.aggregate());
                each.add(own);
                if (!bySize) items.add(new Item(own.score(), 1, task.task().name()));
                else
                  values.forEach(
                      value -> items.add(new Item(value.value(), 1, task.task().name())));
              });
    }
    return new GroupScore(
        ItemScore.of(items, Aggregate.MEAN), bySize ? pooled(each) : ofMean(each));
  }

  private static double pooled(List<ItemScore> scores) {
    double squares = 0;
    double n = 0;
    for (ItemScore score : scores) {
      squares += (score.n() - 1.0) * score.n() * score.standardError() * score.standardError();
      n += score.n();
    }
    return Math.sqrt(squares / (n - scores.size()) / n);
  }

  private static double ofMean(List<ItemScore> scores) {
    double squares = 0;
    for (ItemScore score : scores) squares += score.standardError() * score.standardError();
    return Math.sqrt(squares) / scores.size();
  }
}
