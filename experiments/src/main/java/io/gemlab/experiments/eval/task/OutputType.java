package io.gemlab.experiments.eval.task;

import java.util.Locale;

/** What a task asks of a model. */
public enum OutputType {
  /** Which of several continuations is likeliest. */
  MULTIPLE_CHOICE,
  /** How likely a continuation is. */
  LOGLIKELIHOOD,
  /** How likely a whole text is. */
  LOGLIKELIHOOD_ROLLING,
  /** What follows a text. */
  GENERATE_UNTIL;

  /** The word for it in YAML. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
