package io.gemlab.experiments.eval.result;

import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.reports.statistics.items.CheckpointNoise;
import io.gemlab.reports.statistics.items.ItemScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How much a task's score moves among a run's checkpoints.
 *
 * @param task its name
 * @param metric what is told by
 * @param noise over this evaluation's checkpoint and those before
 */
public record TaskNoise(String task, Metric metric, CheckpointNoise noise) {

  /**
   * Measures it.
   *
   * @param before evaluations of the run's earlier checkpoints, of the same prompts; one or more
   * @param other another model's, for the signal
   */
  public static List<TaskNoise> of(
      List<TaskResult> results, List<EarlierResult> before, Optional<EarlierResult> other) {
    List<TaskNoise> noises = new ArrayList<>();
    for (TaskResult result : results) {
      String task = result.task().name();
      for (Map.Entry<Metric, ItemScore> each : result.scores().entrySet()) {
        String metric = each.getKey().name();
        List<Double> scores = new ArrayList<>();
        for (EarlierResult one : before) scores.add(one.tasks().get(task).scores().get(metric));
        if (scores.contains(null)) continue;
        scores.add(each.getValue().score());
        noises.add(
            new TaskNoise(
                task,
                each.getKey(),
                CheckpointNoise.of(scores, score(other, task, result.promptHash(), metric))));
      }
    }
    return noises;
  }

  private static OptionalDouble score(
      Optional<EarlierResult> other, String task, String promptHash, String metric) {
    return other
        .map(one -> one.tasks().get(task))
        .filter(one -> one.promptHash().equals(promptHash))
        .map(one -> one.scores().get(metric))
        .map(OptionalDouble::of)
        .orElse(OptionalDouble.empty());
  }
}
