package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Training;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.BigramEntropy;
import io.gemlab.graph.base.text.ByteTokenizer;
import io.gemlab.graph.base.text.Corpus;
import io.gemlab.graph.base.text.PackedSequences;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.Tokenizers;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.nio.file.Path;

/**
 * The text that all arms train on.
 *
 * @param sequences training and validation
 * @param bigram the bar that a model has to get under to have learned more than pairs
 */
record TrainingText(PackedSequences sequences, BigramEntropy bigram) {
  private static final double SMOOTHING = 0.1;
  private static final String JSON_LINES = ".jsonl:";

  /**
   * Reads the corpus.
   *
   * @throws InvalidInput if it can't be read, or a token has no place in the model's vocabulary
   */
  static TrainingText of(Training training, Gemma2Config config) {
    try (Tokenizer tokenizer = tokenizer(training.tokenizer())) {
      if (tokenizer.vocabularySize() > config.vocabSize()) {
        throw new InvalidInput(
            "the tokenizer has %d tokens and the model's vocab_size is %d; give config: {vocab_size: %1$d} or more"
                .formatted(tokenizer.vocabularySize(), config.vocabSize()));
      }
      PackedSequences sequences =
          PackedSequences.of(
              corpus(training.corpus()),
              tokenizer,
              training.length(),
              training.validationFraction());
      int validation = Math.min(sequences.validation().count(), training.validationSequences());
      if (validation < training.batch()) {
        throw new InvalidInput(
            "validation has %d sequences, less than a batch of %d; give a larger validation_fraction or more validation_sequences, or a smaller batch"
                .formatted(validation, training.batch()));
      }
      return new TrainingText(
          sequences, BigramEntropy.of(sequences, tokenizer.vocabularySize(), SMOOTHING));
    }
  }

  private static Tokenizer tokenizer(String name) {
    return name.equals("bytes") ? new ByteTokenizer() : Tokenizers.open(Path.of(name));
  }

  private static Corpus corpus(String name) {
    if (name.equals("built-in")) return Corpus.builtIn();
    int split = name.lastIndexOf(JSON_LINES);
    if (split < 0) return Corpus.of(Path.of(name));
    int colon = split + JSON_LINES.length() - 1;
    return Corpus.ofJsonLines(Path.of(name.substring(0, colon)), name.substring(colon + 1));
  }
}
