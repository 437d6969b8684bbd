package io.gemlab.graph.base.checkpoint;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/** Names for what is written beside its place and renamed into it when it is whole. */
final class TemporaryNames {
  private TemporaryNames() {}

  /** A hidden name, not taken by anyone else, that says what it was to become. */
  static String beside(Path target) {
    return ".%s.partial-%08x"
        .formatted(target.getFileName(), ThreadLocalRandom.current().nextInt());
  }
}
