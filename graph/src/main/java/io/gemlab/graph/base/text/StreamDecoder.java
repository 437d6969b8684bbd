package io.gemlab.graph.base.text;

import java.util.Arrays;

/**
 * Turns generated tokens into text one by one, without ever giving out half a character: bytes that
 * may yet become one are held back until they have, or until they can't.
 *
 * <p>All that is given out, joined, is what {@link Tokenizer#decode} gives for all tokens at once.
 * (Hugging Face's tokenizers, decoding at once, also give up the good characters around a stray
 * byte; those are given out here.) Not for use by several threads.
 */
public final class StreamDecoder {
  /** A character of UTF-8 that lacks its last byte has three, each shown as one U+FFFD. */
  private static final int LONGEST_UNFINISHED = 3;

  private final Tokenizer tokenizer;

  /** The tokens given out last, since some decoders treat the first token of a text differently. */
  private int[] context = {};

  private int[] held = {};

  /** How many characters of the held tokens' text were given out already. */
  private int given;

  public StreamDecoder(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * @param id a token; one beyond the vocabulary, as models with more embeddings than pieces
   *     generate, has no text
   * @return the text that is complete with {@code id} and was not given out before; it may be empty
   */
  public String push(int id) {
    if (id >= tokenizer.vocabularySize()) return "";
    held = append(held, id);
    String text = heldText();
    int unfinished = trailingReplacements(text);
    String ready = take(text, text.length() - Math.min(unfinished, LONGEST_UNFINISHED));
    if (unfinished == 0) {
      context = held;
      held = new int[0];
      given = 0;
    }
    return ready;
  }

  /**
   * @return what was still held back, with U+FFFD for bytes that no character came of; the decoder
   *     starts anew
   */
  public String finish() {
    String text = heldText();
    String rest = take(text, text.length());
    context = new int[0];
    held = new int[0];
    given = 0;
    return rest;
  }

  private String take(String text, int end) {
    if (end <= given) return "";
    String taken = text.substring(given, end);
    given = end;
    return taken;
  }

  private String heldText() {
    if (held.length == 0) return "";
    int[] both = Arrays.copyOf(context, context.length + held.length);
    System.arraycopy(held, 0, both, context.length, held.length);
    String before = tokenizer.decode(context);
    String text = tokenizer.decode(both);
    return text.startsWith(before) ? text.substring(before.length()) : tokenizer.decode(held);
  }

  private static int trailingReplacements(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == Utf8.REPLACEMENT) end--;
    return text.length() - end;
  }

  private static int[] append(int[] ids, int id) {
    int[] longer = Arrays.copyOf(ids, ids.length + 1);
    longer[ids.length] = id;
    return longer;
  }
}
