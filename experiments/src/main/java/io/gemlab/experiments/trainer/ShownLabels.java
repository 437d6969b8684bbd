package io.gemlab.experiments.trainer;

import io.gemlab.experiments.train.LabelTable;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.text.ShuffledBatches;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a recipe's first rows teach, token by token: is what should be scored scored? */
public final class ShownLabels {
  private ShownLabels() {}

  /**
   * A table for people, a line a token.
   *
   * @param file the recipe's
   * @param changes {@code KEY=VALUE}, laid over it
   * @param rows how many of the first, in the order of training
   * @throws io.gemlab.graph.base.input.InvalidInput if the recipe or its data can't be used
   */
  public static List<String> lines(Path file, List<String> changes, int rows) {
    TrainRecipe recipe = TrainRecipeFile.read(file, changes).recipe();
    try (TrainingInput input = recipe.openInput()) {
      ShuffledBatches one = new ShuffledBatches(input.training(), 1, recipe.rows().shuffleSeed());
      List<String> lines = new ArrayList<>();
      for (int row = 0; row < rows; row++) {
        LabelledBatch batch = one.at(row);
        lines.addAll(LabelTable.lines(batch, input.tokenizer()));
      }
      return lines;
    }
  }
}
