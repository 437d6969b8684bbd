package io.gemlab.experiments.eval.task;

/** What a model is asked, as texts. */
public sealed interface TextRequest {
  /**
   * How likely is a text after another?
   *
   * @param context what stands before; may be empty
   * @param continuation what is scored
   */
  record Continuation(String context, String continuation) implements TextRequest {}

  /** How likely is a text, from its beginning on? */
  record Whole(String text) implements TextRequest {}

  /** What follows a text? */
  record Completion(String context, GenerationSpec generation) implements TextRequest {}
}
