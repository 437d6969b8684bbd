package io.gemlab.graph.base.keyvalue;

/** A server of keys and values that nobody reaches, or not any more. The message says which. */
public final class KeyValueConnectionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  KeyValueConnectionException(String message, Throwable cause) {
    super(message, cause);
  }
}
