package io.gemlab.experiments.train;

import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.ByteTokenizer;
import io.gemlab.graph.base.text.Corpus;
import io.gemlab.graph.base.text.PackedSequences;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.Tokenizers;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.nio.file.Path;

/**
 * Text to train on.
 *
 * @param sequences for training and for validation
 * @param vocabularySize the tokenizer's
 * @param bytesAToken UTF-8 bytes of the corpus's text over its tokens, BOS and EOS among them
 */
public record TrainingData(PackedSequences sequences, int vocabularySize, double bytesAToken) {
  private static final String JSON_LINES = ".jsonl:";

  /**
   * Reads and encodes a corpus.
   *
   * @param data what to read, and how it is cut
   * @param validationFraction the share of the corpus, from its end, that is never trained on
   * @param config of the model that is trained
   * @throws InvalidInput if it can't be read, or a token has no place in the model's vocabulary
   */
  public static TrainingData of(DataSpec data, double validationFraction, Gemma2Config config) {
    try (Tokenizer opened = tokenizer(data.tokenizer())) {
      if (opened.vocabularySize() > config.vocabSize()) {
        throw new InvalidInput(
            "the tokenizer has %d tokens and the model's vocab_size is %d; give config: {vocab_size: %1$d} or more"
                .formatted(opened.vocabularySize(), config.vocabSize()));
      }
      PackedSequences sequences =
          PackedSequences.of(corpus(data.corpus()), opened, data.length(), validationFraction);
      return new TrainingData(
          sequences, opened.vocabularySize(), (double) sequences.textBytes() / sequences.tokens());
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
