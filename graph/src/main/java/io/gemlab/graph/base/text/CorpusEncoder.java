package io.gemlab.graph.base.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/**
 * Makes tokens of a corpus: each document's text with BOS in front and EOS behind, where the
 * tokenizer has them. A text is encoded as content: it can't spell a control token.
 */
final class CorpusEncoder {
  private CorpusEncoder() {}

  /** Receives a corpus's tokens. */
  interface Sink {
    /** More tokens of the document. */
    void add(int... ids) throws IOException;

    /** The document ends. */
    void endDocument();
  }

  /**
   * Encodes a corpus.
   *
   * @return UTF-8 bytes of its text
   * @throws io.gemlab.graph.base.input.InvalidInput if it can't be read
   * @throws UncheckedIOException if {@code sink} can't take the tokens
   */
  static long encode(Corpus corpus, Tokenizer tokenizer, Sink sink) {
    LongAdder bytes = new LongAdder();
    SpecialIds special = tokenizer.specialIds();
    corpus.forEachPassage(
        passage -> {
          try {
            if (passage.startsDocument() && special.bos().isPresent()) {
              sink.add(special.bos().getAsInt());
            }
            sink.add(tokenizer.encodeContent(passage.text()));
            bytes.add(passage.text().getBytes(StandardCharsets.UTF_8).length);
            if (!passage.endsDocument()) return;
            if (special.eos().isPresent()) sink.add(special.eos().getAsInt());
            sink.endDocument();
          } catch (IOException e) {
            throw new UncheckedIOException("writing tokens of " + corpus.name(), e);
          }
        });
    return bytes.sum();
  }
}
