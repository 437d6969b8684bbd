package io.gemlab.experiments.eval.result;

import io.gemlab.experiments.eval.metric.Judged;
import io.gemlab.experiments.eval.request.Answer;
import io.gemlab.experiments.eval.task.TaskItem;
import java.util.List;

/**
 * An item, what the model said, and what that was worth.
 *
 * @param item what was asked
 * @param answers those to its requests, in order
 * @param judged by each metric
 */
public record ItemResult(TaskItem item, List<Answer> answers, Judged judged) {
  /** What items that aren't independent have in common; its own where nothing is said. */
  public String cluster() {
    return item.cluster().orElse("document " + item.id());
  }
}
