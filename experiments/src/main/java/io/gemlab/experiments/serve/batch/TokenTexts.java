package io.gemlab.experiments.serve.batch;

import io.gemlab.graph.base.text.StreamDecoder;
import io.gemlab.graph.base.text.Tokenizer;

/**
 * Tokens as clients read them.
 *
 * @param tokenizer the model's
 */
record TokenTexts(Tokenizer tokenizer) {
  private static final char BLANK = '\u2581';

  /** A token's spelling, such as {@code " the"} or {@code "<0x0A>"}. */
  String spelling(int id) {
    return id < tokenizer.vocabularySize()
        ? tokenizer.piece(id).replace(BLANK, ' ')
        : "<id " + id + ">";
  }

  String text(int... ids) {
    StreamDecoder decoder = new StreamDecoder(tokenizer);
    StringBuilder text = new StringBuilder();
    for (int id : ids) text.append(decoder.push(id));
    return text.append(decoder.finish()).toString();
  }

  /** Where the text of each token begins in that of all. */
  int[] offsets(int[] ids) {
    StreamDecoder decoder = new StreamDecoder(tokenizer);
    int[] offsets = new int[ids.length];
    int length = 0;
    for (int i = 0; i < ids.length; i++) {
      offsets[i] = length;
      length += decoder.push(ids[i]).length();
    }
    return offsets;
  }
}
