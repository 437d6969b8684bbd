package io.gemlab.experiments.eval.report;

import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.result.EvalResult;
import io.gemlab.experiments.eval.result.GroupResult;
import io.gemlab.experiments.eval.result.TaskResult;
import io.gemlab.reports.statistics.items.ItemScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Scores for a terminal: a line a task and metric. */
public final class ScoreLines {
  private ScoreLines() {}

  /** The lines, in columns. */
  public static List<String> of(EvalResult result) {
    List<String> lines = new ArrayList<>();
    for (TaskResult task : result.tasks()) {
      for (Map.Entry<Metric, ItemScore> each : task.scores().entrySet()) {
        lines.add(
            line(
                task.task().name(),
                each.getKey().name(),
                each.getValue(),
                each.getValue().standardError()));
      }
    }
    for (GroupResult group : result.groups()) {
      group
          .scores()
          .forEach(
              (metric, score) ->
                  lines.add(
                      line(group.group().name(), metric, score.score(), score.pooledError())));
    }
    return lines;
  }

  private static String line(String task, String metric, ItemScore score, double error) {
    return String.format(
        Locale.ROOT,
        "%-28s %-28s %10.4f  %sn %d",
        task,
        metric,
        score.score(),
        Double.isFinite(error) ? String.format(Locale.ROOT, "standard error %.4f, ", error) : "",
        score.n());
  }
}
