package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Training;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.ValidationSpec;
import io.gemlab.experiments.train.TrainingData;
import io.gemlab.experiments.train.Validation;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.text.BigramEntropy;
import io.gemlab.graph.base.text.PackedSequences;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The text that arms train on.
 *
 * @param sequences training and validation
 * @param validation what the validation loss is the loss of
 * @param bigram the bar that a model has to get under to have learned more than pairs
 * @param bytesAToken UTF-8 bytes of the corpus over its tokens
 */
public record TrainingText(
    PackedSequences sequences,
    List<LabelledBatch> validation,
    BigramEntropy bigram,
    double bytesAToken) {

  /** What texts that are the same have in common. */
  private record Source(DataSpec data, ValidationSpec validation, int vocabularySize) {}

  /**
   * The text of each arm, by its name; arms that read the same share it.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput as {@link #of(Training, Gemma2Config)}
   */
  public static Map<String, TrainingText> of(List<Arm> arms) {
    Map<Source, TrainingText> read = new HashMap<>();
    Map<String, TrainingText> texts = new HashMap<>();
    for (Arm arm : arms) {
      Training training = arm.training();
      Source source = new Source(training.data(), training.validation(), arm.config().vocabSize());
      texts.put(arm.name(), read.computeIfAbsent(source, _ -> of(training, arm.config())));
    }
    return texts;
  }

  /**
   * Reads the corpus.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if it can't be read, is too short, or a token
   *     has no place in the model's vocabulary
   */
  public static TrainingText of(Training training, Gemma2Config config) {
    DataSpec data = training.data();
    ValidationSpec validation = training.validation();
    TrainingData read = TrainingData.of(data, validation.fraction(), config);
    return new TrainingText(
        read.sequences(),
        Validation.evenlySpaced(
            read.sequences().validation(), validation.sequences(), data.batch()),
        BigramEntropy.of(read.sequences(), read.vocabularySize(), validation.bigramSmoothing()),
        read.bytesAToken());
  }

  /** Tokens that are trained on in one epoch. */
  long corpusTokens() {
    return (long) sequences.training().count() * sequences.training().length();
  }
}
