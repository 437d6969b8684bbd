package io.gemlab.graph.base.files;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Places for what is renamed to its own when it is whole. */
final class TemporaryNames {
  private static final Pattern ANY = Pattern.compile("\\..+\\.partial-[0-9a-f]{8}");

  private TemporaryNames() {}

  /** A hidden sibling, not taken by anyone else, whose name says what it was to become. */
  static Path beside(Path target) {
    return target.resolveSibling(
        "%s%08x".formatted(prefix(target), ThreadLocalRandom.current().nextInt()));
  }

  /** Whether a sibling of {@code target} is such a place. */
  static boolean isBeside(Path target, Path sibling) {
    return sibling.getFileName().toString().startsWith(prefix(target));
  }

  /** Whether a path is such a place, of any target. */
  static boolean isTemporary(Path path) {
    return ANY.matcher(path.getFileName().toString()).matches();
  }

  private static String prefix(Path target) {
    return ".%s.partial-".formatted(target.getFileName());
  }
}
