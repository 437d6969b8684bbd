package io.gemlab.reports.record;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A record that can't be used. The message is one line that names the file, what is wrong with it,
 * and what to do.
 */
public final class RecordException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean damaged;

  private RecordException(String message, boolean damaged) {
    super(message);
    this.damaged = damaged;
  }

  RecordException(Path file, String problem, String remedy) {
    this(file + ": " + problem + "; " + remedy, false);
  }

  /** A file whose content is not a record. */
  static RecordException damaged(Path file, String problem, String remedy) {
    return new RecordException(file + ": " + problem + "; " + remedy, true);
  }

  /**
   * Whether the file's content is at fault: what it recorded is lost, and no other Gemlab reads it.
   */
  public boolean isDamaged() {
    return damaged;
  }
}
