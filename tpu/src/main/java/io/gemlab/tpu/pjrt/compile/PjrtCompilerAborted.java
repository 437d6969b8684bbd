package io.gemlab.tpu.pjrt.compile;

/**
 * The compiling process ended without an answer: the compiler aborted, was stopped after its time,
 * or was killed. The message is one line, with what the process said last.
 */
public final class PjrtCompilerAborted extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String log;

  /**
   * @param log all that the process wrote
   */
  PjrtCompilerAborted(String message, String log) {
    super(message);
    this.log = log;
  }

  /** All that the process wrote: warnings, and the stack of an abort. */
  public String log() {
    return log;
  }
}
