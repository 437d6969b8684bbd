package io.gemlab.reports.record;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A record that can't be used. The message is one line that names the file, what is wrong with it,
 * and what to do.
 */
public final class RecordException extends IOException {
  private static final long serialVersionUID = 1L;

  RecordException(Path file, String problem, String remedy) {
    super(file + ": " + problem + "; " + remedy);
  }
}
