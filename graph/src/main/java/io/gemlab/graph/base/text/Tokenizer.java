package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Text to token ids and back. Safe for use by several threads until it is closed.
 *
 * <p>An unpaired surrogate, which no encoding can spell, is read as U+FFFD.
 */
public interface Tokenizer extends AutoCloseable {
  /** One more than the largest id. */
  int vocabularySize();

  SpecialIds specialIds();

  /**
   * How the vocabulary spells a token, such as {@code "▁the"} or {@code "<0x0A>"}.
   *
   * @throws InvalidInput if {@code id} is not in the vocabulary
   */
  String piece(int id);

  /**
   * Encodes a text as the tokenizer's own library does: special tokens that are spelled in it are
   * parsed where that library parses them, and none is added. Not for text of strangers.
   */
  int[] encode(String text);

  /**
   * Encodes text in which no control token can arise: one that is spelled in it becomes ordinary
   * pieces. All else is encoded as by {@link #encode}.
   */
  int[] encodeContent(String text);

  /**
   * Whether the tokenizer's own library puts BOS in front of a text unless it is told otherwise:
   * what tools that load the folder do.
   */
  default boolean putsBosInFront() {
    return specialIds().bos().isPresent();
  }

  /** The spellings of the tokens that steer the model, which {@link #encodeContent} never gives. */
  Set<String> controlTokens();

  /** The spellings that {@link #encode} finds before it cuts a text into pieces, control or not. */
  Set<String> addedTokens();

  /**
   * The text of {@code ids}, as the tokenizer's own library gives it. Bytes that make up no
   * character become U+FFFD.
   *
   * @throws InvalidInput if an id is not in the vocabulary
   */
  String decode(int... ids);

  /** Frees the tokenizer; it can't be used afterwards. */
  @Override
  void close();

  /**
   * Encodes a prompt: {@link #encode} with BOS in front exactly once, also where the text spells
   * it. A tokenizer without BOS adds none.
   */
  default int[] encodePrompt(String text) {
    int[] ids = encode(text);
    if (specialIds().bos().isEmpty()) return ids;
    int bos = specialIds().bos().getAsInt();
    int start = 0;
    while (start < ids.length && ids[start] == bos) start++;
    int[] prompt = new int[ids.length - start + 1];
    prompt[0] = bos;
    System.arraycopy(ids, start, prompt, 1, ids.length - start);
    return prompt;
  }

  /** The id of a token by its spelling in the vocabulary, found by looking at all of them. */
  default OptionalInt id(String piece) {
    for (int id = 0; id < vocabularySize(); id++) {
      if (piece(id).equals(piece)) return OptionalInt.of(id);
    }
    return OptionalInt.empty();
  }

  /**
   * @throws InvalidInput if one of {@code ids} is not in the vocabulary
   */
  default void requireInVocabulary(int... ids) {
    Arrays.stream(ids)
        .filter(id -> id < 0 || id >= vocabularySize())
        .findFirst()
        .ifPresent(
            id -> {
              throw new InvalidInput(
                  "Token id %d is not in the tokenizer's vocabulary of %d: is it the model's tokenizer?"
                      .formatted(id, vocabularySize()));
            });
  }
}
