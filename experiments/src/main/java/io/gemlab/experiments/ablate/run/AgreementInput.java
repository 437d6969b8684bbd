package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Agreement;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.weights.ModelWeights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The weights and tokens that all logits are compared on: those trained in this ablation and text
 * that they were not trained on; where nothing was trained the recipe's checkpoint or fresh
 * weights, and random tokens.
 */
final class AgreementInput implements AutoCloseable {
  private static final long FRESH = 1;

  private final AblationRecipe recipe;
  private final Optional<HfCheckpoint> stored;
  private final TokenBatch batch;

  private AgreementInput(AblationRecipe recipe, Optional<HfCheckpoint> stored, TokenBatch batch) {
    this.recipe = recipe;
    this.stored = stored;
    this.batch = batch;
  }

  static AgreementInput of(AblationRecipe recipe, Optional<TrainingText> text, Path checkpoint) {
    Agreement agreement = recipe.agreement().orElseThrow();
    Optional<HfCheckpoint> stored =
        (Files.exists(checkpoint) ? Optional.of(checkpoint) : recipe.checkpoint())
            .map(HfCheckpoint::open);
    TokenBatch batch =
        text.isPresent()
            ? TokenBatch.of(validation(text.get(), agreement))
            : TokenBatch.random(
                FRESH, agreement.rows(), agreement.length(), recipe.control().config().vocabSize());
    return new AgreementInput(recipe, stored, batch);
  }

  TokenBatch batch() {
    return batch;
  }

  void assign(Gemma2Model<?> model, Executable executable, ElementType storageType) {
    if (stored.isPresent()) ModelWeights.load(stored.get(), model, executable, storageType);
    else ModelWeights.initialize(model, FRESH, executable, storageType);
  }

  private static int[][] validation(TrainingText text, Agreement agreement) {
    int[] tokens = text.sequences().validation().tokens().toArray();
    int[][] ids = new int[agreement.rows()][agreement.length()];
    for (int row = 0; row < ids.length; row++) {
      for (int t = 0; t < agreement.length(); t++) {
        ids[row][t] = tokens[(row * agreement.length() + t) % tokens.length];
      }
    }
    return ids;
  }

  @Override
  public void close() {
    stored.ifPresent(HfCheckpoint::close);
  }
}
