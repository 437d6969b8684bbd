package io.gemlab.experiments.eval.run;

import io.gemlab.experiments.eval.request.EncodedRequest;
import io.gemlab.experiments.eval.request.RequestEncoder;
import io.gemlab.experiments.eval.task.TaskData;
import io.gemlab.experiments.eval.task.TaskItem;
import io.gemlab.experiments.eval.task.TaskPrompts;
import io.gemlab.experiments.eval.task.TaskSpec;
import io.gemlab.experiments.eval.task.TextRequest;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * A task with its items.
 *
 * @param task with the shots that are asked for
 * @param documents how many there are
 * @param items those that are asked
 */
record AskedTask(TaskSpec task, int documents, List<TaskItem> items) {

  static AskedTask of(TaskSpec task, EvalPlan plan) {
    OptionalInt shots = plan.shots();
    TaskSpec asked = shots.isPresent() ? task.withShots(shots.getAsInt()) : task;
    TaskData data = TaskData.read(asked, plan.data());
    return new AskedTask(
        asked,
        data.evaluated().size(),
        new TaskPrompts(asked, data, plan.seed()).items(plan.limit().orElse(Integer.MAX_VALUE)));
  }

  /**
   * Its items' requests as token ids, one behind the other.
   *
   * @throws InvalidInput if one can't be encoded; it says which document's
   */
  List<EncodedRequest> encoded(RequestEncoder encoder) {
    List<EncodedRequest> encoded = new ArrayList<>();
    for (TaskItem item : items) {
      try {
        for (TextRequest request : item.requests()) encoded.add(encoder.encode(request));
      } catch (InvalidInput e) {
        throw new InvalidInput(
            "task %s, document %d: %s".formatted(task.name(), item.id(), e.getMessage()), e);
      }
    }
    return encoded;
  }
}
