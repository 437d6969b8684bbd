package io.gemlab.experiments.eval.run;

import io.gemlab.experiments.eval.result.EarlierResult;
import io.gemlab.experiments.eval.result.EarlierResult.EarlierTask;
import io.gemlab.experiments.eval.result.ModelInfo;
import io.gemlab.experiments.eval.task.PromptHash;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Evaluations of a run's checkpoints before the one that is evaluated. */
final class CheckpointsBefore {
  private CheckpointsBefore() {}

  /**
   * Reads them.
   *
   * @throws InvalidInput if one is of a checkpoint that is named twice, or was asked otherwise
   */
  static List<EarlierResult> read(List<Path> folders, ModelInfo model, List<AskedTask> tasks) {
    List<EarlierResult> before = new ArrayList<>();
    List<ModelInfo> seen = new ArrayList<>(List.of(model));
    for (Path folder : folders) {
      EarlierResult one = EarlierResult.read(folder);
      if (seen.stream().anyMatch(other -> other.sha256().equals(one.model().sha256()))) {
        throw new InvalidInput(
            "--before: %s evaluated a checkpoint that is named already (%s); name each of the run's once"
                .formatted(folder, one.model().folder()));
      }
      seen.add(one.model());
      for (AskedTask task : tasks) requireAskedAlike(one, task);
      before.add(one);
    }
    return before;
  }

  private static void requireAskedAlike(EarlierResult one, AskedTask task) {
    String name = task.task().name();
    EarlierTask before = one.tasks().get(name);
    if (before == null) {
      throw new InvalidInput(
          "--before: %s did not ask %s; evaluate the same tasks of each checkpoint"
              .formatted(one.folder(), name));
    }
    if (!before.promptHash().equals(PromptHash.of(task.items()))) {
      throw new InvalidInput(
          "--before: %s asked %s with other prompts; evaluate each checkpoint with the same data, --limit, --shots and --seed"
              .formatted(one.folder(), name));
    }
  }
}
