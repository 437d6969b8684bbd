package io.gemlab.graph.base.files;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What processes left that were killed while they wrote a {@link WholeFile} or folder. */
public final class Leftovers {
  private Leftovers() {}

  /** Whether it is one. */
  public static boolean isOne(Path path) {
    return TemporaryNames.isTemporary(path);
  }

  /**
   * Deletes all that lies directly in {@code folder}, whatever it was to become; nobody may be
   * writing there.
   *
   * @throws IOException if something can't be deleted
   */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) return;
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, Leftovers::isOne)) {
      for (Path each : left) new TemporaryFolder(each).close();
    }
  }
}
