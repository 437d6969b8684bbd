package io.gemlab.experiments.eval.request;

/** How a text that is longer than the model's context is cut into windows. */
public enum Windows {
  /** Each window begins with BOS, which is no token of the text: every token is scored once. */
  BOS,
  /**
   * As lm-evaluation-harness 0.4.13 cuts. Behind a tokenizer that puts BOS in front, the first
   * window has two and scores the second; later windows begin with a token of the text and have
   * none.
   */
  LM_EVAL
}
