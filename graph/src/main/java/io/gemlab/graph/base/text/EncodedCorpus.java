package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.stream.LongStream;

/**
 * A corpus in tokens, in memory.
 *
 * @param documents each with BOS in front and EOS behind, where the tokenizer has them
 * @param textBytes UTF-8 bytes of the corpus's text
 */
public record EncodedCorpus(TokenDocuments documents, long textBytes) {
  /**
   * Encodes a corpus.
   *
   * @throws InvalidInput if it can't be read, or has over 2^31 tokens
   */
  public static EncodedCorpus of(Corpus corpus, Tokenizer tokenizer) {
    IntList tokens = new IntList();
    LongStream.Builder bounds = LongStream.builder().add(0);
    long bytes =
        CorpusEncoder.encode(
            corpus,
            tokenizer,
            new CorpusEncoder.Sink() {
              @Override
              public void add(int... ids) {
                tokens.addAll(ids);
              }

              @Override
              public void endDocument() {
                bounds.add(tokens.size());
              }
            });
    return new EncodedCorpus(
        new TokenDocuments(TokenIds.of(tokens.toArray()), bounds.build().toArray()), bytes);
  }
}
