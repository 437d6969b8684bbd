package io.gemlab.experiments.train;

import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.PackedSequences;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.gemma2.config.Gemma2Config;

/**
 * Text to train on.
 *
 * @param sequences for training and for validation
 * @param vocabularySize the tokenizer's
 * @param bytesAToken UTF-8 bytes of the corpus's text over its tokens, BOS and EOS among them
 */
public record TrainingData(PackedSequences sequences, int vocabularySize, double bytesAToken) {
  /**
   * Reads and encodes a corpus.
   *
   * @param spec which, by which tokenizer, and how it is cut
   * @param validationFraction the share of the corpus, from its end, that is never trained on
   * @param config of the model that is trained
   * @throws InvalidInput if it can't be read, or a token has no place in the model's vocabulary
   */
  public static TrainingData of(DataSpec spec, double validationFraction, Gemma2Config config) {
    try (Tokenizer opened = spec.openTokenizer()) {
      requireFits(opened, config);
      PackedSequences sequences =
          PackedSequences.of(spec.openCorpus(), opened, spec.length(), validationFraction);
      return new TrainingData(
          sequences, opened.vocabularySize(), (double) sequences.textBytes() / sequences.tokens());
    }
  }

  /**
   * @throws InvalidInput if the model has no place for a token
   */
  static void requireFits(Tokenizer tokenizer, Gemma2Config config) {
    if (tokenizer.vocabularySize() <= config.vocabSize()) return;
    throw new InvalidInput(
        "the tokenizer has %d tokens and the model's vocab_size is %d; give config: {vocab_size: %1$d} or more"
            .formatted(tokenizer.vocabularySize(), config.vocabSize()));
  }
}
