package io.gemlab.experiments.recipe;

import java.util.List;

/**
 * The text that is trained on, and how it is cut.
 *
 * @param corpus {@code built-in}, a file or folder of text, or {@code FILE.jsonl:FIELD}
 * @param tokenizer {@code bytes} or a tokenizer's file
 * @param batch sequences a step
 * @param length tokens a sequence
 */
public record DataSpec(String corpus, String tokenizer, int batch, int length) {
  private static final Key<String> CORPUS =
      Key.of(
          "corpus",
          Kind.TEXT,
          Values.ANY,
          "`built-in` (tinyshakespeare), a text file, a folder of `.txt`, or `FILE.jsonl:FIELD`.");
  private static final Key<String> TOKENIZER =
      Key.of(
          "tokenizer",
          Kind.TEXT,
          Values.ANY,
          "`bytes`, or a `tokenizer.json` or `tokenizer.model`.");
  private static final Key<Integer> BATCH =
      Key.of("batch", Kind.INTEGER, Values.atLeast(1), "sequences", "Sequences of a step.");
  private static final Key<Integer> LENGTH =
      Key.of("length", Kind.INTEGER, Values.atLeast(1), "tokens", "Tokens of a sequence.");

  /** What {@link #of} reads. */
  public static final List<Key<?>> KEYS = List.of(CORPUS, TOKENIZER, BATCH, LENGTH);

  public DataSpec {
    Require.positive("batch", batch);
    Require.positive("length", length);
  }

  /**
   * Reads {@code corpus}, {@code tokenizer}, {@code batch} and {@code length}.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if a value is missing or can't be
   */
  public static DataSpec of(Fields fields) {
    return new DataSpec(
        fields.get(CORPUS), fields.get(TOKENIZER), fields.get(BATCH), fields.get(LENGTH));
  }
}
