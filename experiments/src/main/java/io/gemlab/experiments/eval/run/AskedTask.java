package io.gemlab.experiments.eval.run;

import io.gemlab.experiments.eval.request.EncodedRequest;
import io.gemlab.experiments.eval.request.RequestEncoder;
import io.gemlab.experiments.eval.task.FieldNames;
import io.gemlab.experiments.eval.task.PromptFormat;
import io.gemlab.experiments.eval.task.TaskData;
import io.gemlab.experiments.eval.task.TaskItem;
import io.gemlab.experiments.eval.task.TaskItem.Expected.Choice;
import io.gemlab.experiments.eval.task.TaskPrompts;
import io.gemlab.experiments.eval.task.TaskSpec;
import io.gemlab.experiments.eval.task.TextRequest;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A task with its items.
 *
 * @param task with the shots that are asked for
 * @param documents how many there are
 * @param fields whose names are written otherwise; empty where there is one format
 * @param written the items that are asked in each format, the task's own first
 */
record AskedTask(
    TaskSpec task, int documents, Optional<FieldNames> fields, List<List<TaskItem>> written) {

  /**
   * Reads the documents and writes the prompts.
   *
   * @throws InvalidInput if there is something wrong with either
   */
  static AskedTask of(TaskSpec task, EvalPlan plan) {
    OptionalInt shots = plan.shots();
    TaskSpec asked = shots.isPresent() ? task.withShots(shots.getAsInt()) : task;
    TaskData data = TaskData.read(asked, plan.data());
    int documents = data.evaluated().size();
    List<TaskItem> items =
        new TaskPrompts(asked, data, plan.seed()).items(plan.limit().orElse(Integer.MAX_VALUE));
    requireRightChoices(asked, items);
    if (plan.formats() == 1) {
      return new AskedTask(asked, documents, Optional.empty(), List.of(items));
    }
    FieldNames fields = FieldNames.of(asked.name(), items);
    List<List<TaskItem>> written =
        PromptFormat.ALL.stream()
            .limit(plan.formats())
            .map(format -> fields.written(items, format))
            .toList();
    return new AskedTask(asked, documents, Optional.of(fields), written);
  }

  /** Splits whose labels are kept from whoever has the data have one that is no choice. */
  private static void requireRightChoices(TaskSpec task, List<TaskItem> items) {
    boolean hidden =
        items.stream()
            .allMatch(item -> item.expected() instanceof Choice choice && choice.right().isEmpty());
    if (!hidden) return;
    throw new InvalidInput(
        "task %s: no document's label is one of its choices, so no answer could be right; mend doc_to_target, or name a split that has labels"
            .formatted(task.name()));
  }

  /** The items as the task writes them. */
  List<TaskItem> items() {
    return written.getFirst();
  }

  /**
   * Its items' requests as token ids, one behind the other, format by format.
   *
   * @throws InvalidInput if one can't be encoded; it says which document's
   */
  List<EncodedRequest> encoded(RequestEncoder encoder) {
    List<EncodedRequest> encoded = new ArrayList<>();
    for (TaskItem item : written.stream().flatMap(List::stream).toList()) {
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
