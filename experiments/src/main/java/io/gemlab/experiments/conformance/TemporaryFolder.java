package io.gemlab.experiments.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder that is gone when this is closed, unless it was moved away. */
record TemporaryFolder(Path path) implements AutoCloseable {
  /** One where the system keeps such. */
  static TemporaryFolder create() throws IOException {
    return new TemporaryFolder(Files.createTempDirectory("gemlab-conformance"));
  }

  /** One beside {@code target}, to be moved there when all is in it. */
  static TemporaryFolder beside(Path target) throws IOException {
    Path parent = target.toAbsolutePath().normalize().getParent();
    Files.createDirectories(parent);
    return new TemporaryFolder(
        Files.createTempDirectory(parent, "." + target.getFileName() + ".partial-"));
  }

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
