package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;

/**
 * A corpus as sequences of one length, for training and for validation.
 *
 * <p>The documents follow each other in one run of tokens, each with BOS in front and EOS behind
 * where the tokenizer has them; a sequence may start amidst a document and go on into the next, and
 * attention is not stopped there. A document's text is encoded as content: it can't spell a control
 * token. The tail of the run is for validation, and training sees none of its tokens, not even as a
 * label.
 *
 * @param training all but the tail
 * @param validation the tail
 * @param textBytes UTF-8 bytes of the corpus's text
 * @param tokens of the whole run, BOS and EOS among them
 */
public record PackedSequences(
    TokenSequences training, TokenSequences validation, long textBytes, long tokens) {
  /**
   * Encodes a corpus.
   *
   * @param length T, the tokens of a sequence
   * @param validationFraction how much of the run is for validation, above 0 and below 1
   * @throws InvalidInput if the corpus can't be read, or is too short for a sequence of each kind
   */
  public static PackedSequences of(
      Corpus corpus, Tokenizer tokenizer, int length, double validationFraction) {
    if (length < 1 || !(validationFraction > 0 && validationFraction < 1)) {
      throw new IllegalArgumentException(
          "Sequences of %d tokens with %s of them for validation: give 1 or more, and a fraction"
              .formatted(length, validationFraction));
    }
    EncodedCorpus encoded = EncodedCorpus.of(corpus, tokenizer);
    long tokens = encoded.documents().size();
    TokenDocuments.Split split = encoded.documents().splitAnywhere(validationFraction);
    TokenSequences training = TokenSequences.of(split.training(), length);
    TokenSequences validation = TokenSequences.of(split.validation(), length);
    if (training.count() == 0 || validation.count() == 0) {
      throw new InvalidInput(
          "%s has %d tokens, too few for training and validation (fraction %s) of length %d: give more text or a smaller length"
              .formatted(corpus.name(), tokens, validationFraction, length));
    }
    return new PackedSequences(training, validation, encoded.textBytes(), tokens);
  }
}
