package io.gemlab.experiments.trainer;

import io.gemlab.experiments.run.DeviceProbe;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.experiments.train.Validation;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.Share;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.MemoryNeed;
import java.util.List;

/**
 * A recipe that is ready to be trained: its data and its teacher are open, and its programs traced.
 *
 * @param share what of each batch this process computes
 * @param validated rows to validate on, in batches of as many as a share has
 */
record OpenRecipe(
    TrainRecipe recipe,
    Share share,
    TrainingInput input,
    BatchSource batches,
    List<LabelledBatch> validated,
    TrainPrograms programs)
    implements AutoCloseable {

  /**
   * Opens a recipe.
   *
   * @throws InvalidInput if its data or its teacher can't be used, or a device isn't there, or the
   *     share can't be computed as the recipe is
   */
  static OpenRecipe of(TrainRecipe recipe, Share share) {
    recipe.requireShared(share);
    DeviceProbe.require(List.of(path(recipe)));
    // Before anything is traced, which would go on for long for rows that there are none of.
    TrainingInput input = recipe.openInput();
    BatchSource opened = null;
    OpenRecipe ready = null;
    try {
      opened = BatchSource.open(recipe, input);
      List<LabelledBatch> validated =
          Validation.evenlySpaced(
                  input.validation(),
                  recipe.validation().sequences(),
                  recipe.microBatch().batchSize())
              .stream()
              .flatMap(batch -> batch.cut(share.count()).stream())
              .toList();
      ready =
          new OpenRecipe(recipe, share, input, opened, validated, TrainPrograms.of(recipe, share));
      return ready;
    } finally {
      if (ready == null && opened != null) opened.close();
      if (ready == null) input.close();
    }
  }

  /** Where it runs. */
  ExecutionPath path() {
    return path(recipe);
  }

  private static ExecutionPath path(TrainRecipe recipe) {
    return recipe.path().of(() -> recipe.model().config());
  }

  /** What a step needs of memory, and whoever teaches. */
  MemoryNeed need() {
    return MemoryNeed.of(programs.step().all().getFirst()).plus(batches.need());
  }

  /** What {@link #need} is the need of, for people. */
  String what() {
    return "the training step of %s, %d x %d tokens"
        .formatted(recipe.model().name(), rows(), recipe.data().length());
  }

  /** Rows of the batch that the step's program takes. */
  int rows() {
    return share.rows(recipe.microBatch().batchSize());
  }

  /** Frees the data. */
  @Override
  public void close() {
    batches.close();
    input.close();
  }
}
