package io.gemlab.graph.base.files;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/** Places for what is renamed to its own when it is whole. */
final class TemporaryNames {
  private TemporaryNames() {}

  /** A hidden sibling, not taken by anyone else, whose name says what it was to become. */
  static Path beside(Path target) {
    return target.resolveSibling(
        ".%s.partial-%08x".formatted(target.getFileName(), ThreadLocalRandom.current().nextInt()));
  }
}
