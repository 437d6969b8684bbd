package io.gemlab.experiments.eval.request;

import io.gemlab.graph.base.text.Tokenizer;
import java.util.Locale;

/** Whether BOS stands before what the model reads. */
public enum Bos {
  /** As the tokenizer's own library does it; so does lm-evaluation-harness. */
  AUTO,
  ALWAYS,
  NEVER;

  /** The word for it on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it is put before a text. */
  public boolean isPut(Tokenizer tokenizer) {
    return switch (this) {
      case AUTO -> tokenizer.putsBosInFront();
      case ALWAYS -> tokenizer.specialIds().bos().isPresent();
      case NEVER -> false;
    };
  }
}
