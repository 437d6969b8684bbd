package io.gemlab.experiments.eval.metric;

import io.gemlab.experiments.eval.request.Answer;
import io.gemlab.experiments.eval.task.MetricSpec;
import io.gemlab.experiments.eval.task.TaskItem.Expected;
import io.gemlab.experiments.eval.task.TaskSpec;
import java.util.List;

/** Judges a task's answers, by its metrics and by those that cost nothing more. */
public sealed interface Judge permits ChoiceJudge, LikelihoodJudge, TextJudge {
  /**
   * Judges an item.
   *
   * @param answers those to its requests, in order
   */
  Judged judge(Expected expected, List<Answer> answers);

  /** The judge of a task's items. */
  static Judge of(TaskSpec task) {
    return switch (task.outputType()) {
      case MULTIPLE_CHOICE -> new ChoiceJudge(task.metrics());
      case LOGLIKELIHOOD, LOGLIKELIHOOD_ROLLING -> new LikelihoodJudge(task.metrics());
      case GENERATE_UNTIL -> new TextJudge(task.metrics(), task.filters());
    };
  }

  /** Whether a task lists a metric. */
  static boolean lists(List<MetricSpec> metrics, String name) {
    return metrics.stream().anyMatch(metric -> metric.name().equals(name));
  }
}
