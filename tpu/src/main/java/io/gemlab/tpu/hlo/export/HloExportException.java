package io.gemlab.tpu.hlo.export;

/** A function that could not be exported as HLO, with the reason in one line. */
public final class HloExportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HloExportException(String message) {
    super(message);
  }

  HloExportException(String message, Throwable cause) {
    super(message, cause);
  }
}
