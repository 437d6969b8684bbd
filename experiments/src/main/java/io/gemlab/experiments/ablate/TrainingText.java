package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Training;
import io.gemlab.experiments.train.TrainingData;
import io.gemlab.experiments.train.Validation;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.text.BigramEntropy;
import io.gemlab.graph.base.text.PackedSequences;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.util.List;

/**
 * The text that all arms train on.
 *
 * @param sequences training and validation
 * @param validation what the validation loss is the loss of
 * @param bigram the bar that a model has to get under to have learned more than pairs
 */
record TrainingText(
    PackedSequences sequences, List<LabelledBatch> validation, BigramEntropy bigram) {

  /**
   * Reads the corpus.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if it can't be read, is too short, or a token
   *     has no place in the model's vocabulary
   */
  static TrainingText of(Training training, Gemma2Config config) {
    TrainingData data = TrainingData.of(training.data(), training.validation().fraction(), config);
    return new TrainingText(
        data.sequences(),
        Validation.evenlySpaced(
            data.sequences().validation(),
            training.validation().sequences(),
            training.data().batch()),
        BigramEntropy.of(
            data.sequences(), data.vocabularySize(), training.validation().bigramSmoothing()));
  }
}
