package io.gemlab.reports.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts a sealed record on the disk. */
final class Sealed {
  private Sealed() {}

  static Path write(Path folder, SealedRecord record) throws IOException {
    return Files.write(
        Files.createDirectories(folder).resolve(record.fileName()), record.content());
  }
}
