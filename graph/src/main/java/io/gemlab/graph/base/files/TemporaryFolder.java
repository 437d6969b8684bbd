package io.gemlab.graph.base.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that is gone when this is closed.
 *
 * @param path where it is
 */
public record TemporaryFolder(Path path) implements AutoCloseable {
  /** One where the system keeps such, its name beginning with {@code prefix}. */
  public static TemporaryFolder create(String prefix) throws IOException {
    return new TemporaryFolder(Files.createTempDirectory(prefix));
  }

  /**
   * Deletes it with all that it holds.
   *
   * @throws UncheckedIOException if something can't be deleted
   */
  @Override
  public void close() {
    if (!Files.exists(path)) return;
    try (Stream<Path> tree = Files.walk(path)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) Files.delete(each);
    } catch (IOException e) {
      throw new UncheckedIOException("deleting " + path, e);
    }
  }
}
