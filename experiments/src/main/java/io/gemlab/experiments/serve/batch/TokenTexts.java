package io.gemlab.experiments.serve.batch;

import io.gemlab.graph.base.text.StreamDecoder;
import io.gemlab.graph.base.text.Tokenizer;
import java.util.OptionalInt;
import java.util.stream.IntStream;

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

  /** Characters of the longest piece: no token has a longer text. */
  int longest() {
    return IntStream.range(0, tokenizer.vocabularySize())
        .map(id -> tokenizer.piece(id).length())
        .max()
        .orElseThrow();
  }

  /** The text of tokens; BOS, which some tokenizers spell, has none. */
  String text(int... ids) {
    StreamDecoder decoder = new StreamDecoder(tokenizer);
    StringBuilder text = new StringBuilder();
    for (int id : ids) text.append(push(decoder, id));
    return text.append(decoder.finish()).toString();
  }

  private String push(StreamDecoder decoder, int id) {
    return tokenizer.specialIds().bos().equals(OptionalInt.of(id)) ? "" : decoder.push(id);
  }

  /** Where the text of each token begins in that of all. */
  int[] offsets(int[] ids) {
    StreamDecoder decoder = new StreamDecoder(tokenizer);
    int[] offsets = new int[ids.length];
    int length = 0;
    for (int i = 0; i < ids.length; i++) {
      offsets[i] = length;
      length += push(decoder, ids[i]).length();
    }
    return offsets;
  }
}
