package io.gemlab.experiments.recipe;

/**
 * The text that is trained on, and how it is cut.
 *
 * @param corpus {@code built-in}, a file or folder of text, or {@code FILE.jsonl:FIELD}
 * @param tokenizer {@code bytes} or a tokenizer's file
 * @param batch sequences a step
 * @param length tokens a sequence
 */
public record DataSpec(String corpus, String tokenizer, int batch, int length) {
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
        fields.text("corpus"),
        fields.text("tokenizer"),
        fields.integer("batch"),
        fields.integer("length"));
  }
}
