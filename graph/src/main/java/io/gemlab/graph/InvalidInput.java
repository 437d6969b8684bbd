package io.gemlab.graph;

/**
 * Input that a user gave and can mend: a file, a field, a flag.
 *
 * <p>The message is one line that names where, the value seen, and what to do. The command line
 * prints it as it is and exits with 2.
 */
public final class InvalidInput extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidInput(String message) {
    super(message);
  }

  public InvalidInput(String message, Throwable cause) {
    super(message, cause);
  }
}
