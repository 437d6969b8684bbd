package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

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
    LongAdder bytes = new LongAdder();
    int[] tokens = tokens(corpus, tokenizer, bytes);
    int split = tokens.length - (int) (tokens.length * validationFraction);
    TokenSequences training = new TokenSequences(Arrays.copyOf(tokens, split), length);
    TokenSequences validation =
        new TokenSequences(Arrays.copyOfRange(tokens, split, tokens.length), length);
    if (training.count() == 0 || validation.count() == 0) {
      throw new InvalidInput(
          "%s has %d tokens, too few for training and validation (fraction %s) of length %d: give more text or a smaller length"
              .formatted(corpus.name(), tokens.length, validationFraction, length));
    }
    return new PackedSequences(training, validation, bytes.sum(), tokens.length);
  }

  private static int[] tokens(Corpus corpus, Tokenizer tokenizer, LongAdder bytes) {
    IntList tokens = new IntList();
    corpus.forEachPassage(
        passage -> {
          if (passage.startsDocument()) tokenizer.specialIds().bos().ifPresent(tokens::add);
          tokens.addAll(tokenizer.encodeContent(passage.text()));
          bytes.add(passage.text().getBytes(StandardCharsets.UTF_8).length);
          if (passage.endsDocument()) tokenizer.specialIds().eos().ifPresent(tokens::add);
        });
    return tokens.toArray();
  }

  /** A list of ints that grows. */
  private static final class IntList {
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private int[] values = new int[1 << 16];
    private int size;

    void add(int value) {
      addAll(value);
    }

    void addAll(int... more) {
      long needed = (long) size + more.length;
      if (needed > LARGEST) {
        throw new InvalidInput("The corpus has over 2^31 tokens: train on a part of it");
      }
      if (needed > values.length) {
        long doubled = Math.min(2L * values.length, LARGEST);
        values = Arrays.copyOf(values, (int) Math.max(needed, doubled));
      }
      System.arraycopy(more, 0, values, size, more.length);
      size = (int) needed;
    }

    int[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }
}
