package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A task's documents.
 *
 * @param evaluated those that are asked
 * @param examples those that examples are chosen from
 * @param mayHoldAsked whether the document that is asked is left out of its examples
 */
public record TaskData(List<Document> evaluated, List<Document> examples, boolean mayHoldAsked) {

  /**
   * Reads them.
   *
   * @param folder what {@code --data} names
   * @throws InvalidInput if there is no file for a split, or it can't be read
   */
  public static TaskData read(TaskSpec task, Optional<Path> folder) {
    DataFiles files = new DataFiles(task, folder);
    String evaluated =
        task.splits()
            .evaluated()
            .orElseThrow(
                () ->
                    new InvalidInput(
                        task.source()
                            + " names neither a test_split nor a validation_split; add one"));
    FewShotSpec fewshot = task.fewshot();
    Optional<String> examples =
        fewshot
            .split()
            .or(() -> fewshot.samples().isEmpty() ? task.splits().examples() : Optional.empty());
    boolean mayHoldAsked = fewshot.split().equals(task.splits().test());
    if (task.shots() > 0 && !mayHoldAsked && examples.equals(Optional.of(evaluated))) {
      throw new InvalidInput(
          "%s: examples are of the split %s, which is asked, and each document's own answer would be among them; name another fewshot_split, or ask for no shots"
              .formatted(task.source(), evaluated));
    }
    return new TaskData(
        processed(task, files.split(evaluated)),
        task.shots() == 0
            ? List.of()
            : examples.map(split -> processed(task, files.split(split))).orElse(fewshot.samples()),
        mayHoldAsked);
  }

  private static List<Document> processed(TaskSpec task, List<Document> documents) {
    return task.process()
        .map(process -> documents.stream().map(each -> (Document) process.apply(each)).toList())
        .orElse(documents);
  }
}
