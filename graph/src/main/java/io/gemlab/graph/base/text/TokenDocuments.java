package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Documents of tokens, one after the other.
 *
 * @param tokens where they are
 * @param bounds the index of each document's first token, and behind them where the last ends
 * @param scored the tokens that a model is to predict, by their index; empty for all but each
 *     document's first, which nothing precedes
 */
public record TokenDocuments(TokenIds tokens, long[] bounds, Optional<BitSet> scored) {

  /** Documents all of whose tokens are to be predicted. */
  public TokenDocuments(TokenIds tokens, long... bounds) {
    this(tokens, bounds, Optional.empty());
  }

  /** How many documents there are. */
  public int count() {
    return bounds.length - 1;
  }

  /** How many tokens they have. */
  public long size() {
    return to() - from();
  }

  /** The index of the first token. */
  long from() {
    return bounds[0];
  }

  /** The index behind the last token. */
  long to() {
    return bounds[bounds.length - 1];
  }

  /** Whether the token at {@code index} is to be predicted. */
  boolean isScored(long index) {
    return scored.isEmpty() || scored.get().get(Math.toIntExact(index));
  }

  /**
   * Checks what a model would be trained on.
   *
   * @param name of the corpus, for messages
   * @param vocabulary V: the ids of the model are below it
   * @param bos the token that begins a document; empty for none
   * @return how many documents begin with {@code bos}
   * @throws InvalidInput if an id has no place in the vocabulary, or {@code bos} stands amid a
   *     document
   */
  public long requireSound(String name, int vocabulary, OptionalInt bos) {
    int begins = bos.orElse(-1);
    long found = 0;
    for (int document = 0; document < count(); document++) {
      for (long i = bounds[document]; i < bounds[document + 1]; i++) {
        int id = tokens.at(i);
        if (id < 0 || id >= vocabulary) {
          throw new InvalidInput(
              "%s: token %d (counted from 0) has the id %d, and the model's vocabulary has %d: use the tokenizer that made it, or a model with a larger vocab_size"
                  .formatted(name, i, Integer.toUnsignedLong(id), vocabulary));
        }
        if (id != begins) continue;
        if (i > bounds[document]) {
          throw new InvalidInput(
              "%s: document %d has the BOS token %d amid its tokens, at token %d of the corpus: BOS stands once in front of each document"
                  .formatted(name, document + 1, id, i));
        }
        found++;
      }
    }
    return found;
  }

  /**
   * Checks that every document begins as a model expects texts to begin.
   *
   * @param name of the corpus, for messages
   * @param bos the token that begins a document; empty for none
   * @throws InvalidInput if a document begins with another
   */
  public void requireBegun(String name, OptionalInt bos) {
    if (bos.isEmpty()) return;
    for (int document = 0; document < count(); document++) {
      int first = tokens.at(bounds[document]);
      if (first == bos.getAsInt()) continue;
      throw new InvalidInput(
          "%s: document %d begins with the id %d and not with the BOS token %d, which stands in front of every document: encode the text with `gemlab tokens`, use a chat template that writes it, or choose rows: run"
              .formatted(name, document + 1, first, bos.getAsInt()));
    }
  }

  /**
   * Documents for training and, behind them, for validation.
   *
   * @param training all but the tail
   * @param validation the tail
   */
  public record Split(TokenDocuments training, TokenDocuments validation) {}

  /**
   * Parts them between two documents: where it comes nearest to the fraction asked for.
   *
   * @param fraction of the tokens for validation, above 0 and below 1
   * @return empty if there is but one document
   */
  public Optional<Split> splitBetween(double fraction) {
    if (count() < 2) return Optional.empty();
    long wanted = wanted(fraction);
    int found = Arrays.binarySearch(bounds, wanted);
    int behind = Math.clamp(found < 0 ? -found - 1 : found, 1, count() - 1);
    int before = Math.max(behind - 1, 1);
    int border = wanted - bounds[before] <= bounds[behind] - wanted ? before : behind;
    return Optional.of(
        new Split(
            new TokenDocuments(tokens, Arrays.copyOf(bounds, border + 1), scored),
            new TokenDocuments(tokens, Arrays.copyOfRange(bounds, border, bounds.length), scored)));
  }

  /**
   * Parts them between two documents if that gives validation between half and one and a half of
   * the fraction asked for, and else amid a document, whose rest is a document of its own.
   *
   * @param fraction as for {@link #splitBetween}
   */
  public Split split(double fraction) {
    double asked = size() * fraction;
    return splitBetween(fraction)
        .filter(split -> Math.abs(split.validation().size() - asked) <= asked / 2)
        .orElseGet(() -> splitAnywhere(fraction));
  }

  /**
   * Parts them where the fraction is met to the token, which may be amid a document.
   *
   * @param fraction as for {@link #splitBetween}
   */
  public Split splitAnywhere(double fraction) {
    long index = wanted(fraction);
    int found = Arrays.binarySearch(bounds, index);
    int behind = found < 0 ? -found - 1 : found;
    long[] training = Arrays.copyOf(bounds, behind + 1);
    training[behind] = index;
    int begins = found < 0 ? behind - 1 : behind;
    long[] validation = Arrays.copyOfRange(bounds, begins, bounds.length);
    validation[0] = index;
    return new Split(
        new TokenDocuments(tokens, training, scored),
        new TokenDocuments(tokens, validation, scored));
  }

  /** Where the fraction is met to the token. */
  private long wanted(double fraction) {
    return to() - (long) (size() * fraction);
  }
}
