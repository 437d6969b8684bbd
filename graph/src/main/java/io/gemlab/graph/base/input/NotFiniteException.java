package io.gemlab.graph.base.input;

/**
 * A computation that gave NaN or infinity where it should give numbers: a run has diverged, or left
 * the range of the type it computes in. The message is one line that says what, where and what to
 * do; the command line ends with exit code 1.
 */
public final class NotFiniteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NotFiniteException(String message) {
    super(message);
  }
}
