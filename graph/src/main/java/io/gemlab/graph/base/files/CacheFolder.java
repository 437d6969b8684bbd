package io.gemlab.graph.base.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The folder for what may be made again, but not for nothing: {@code $GEMLAB_CACHE}, or {@code
 * gemlab} in {@code $XDG_CACHE_HOME}, or {@code ~/.cache/gemlab}. Deleting it loses time only.
 *
 * @see <a href="https://specifications.freedesktop.org/basedir-spec/0.8/">XDG Base Directory
 *     Specification 0.8</a>
 */
public final class CacheFolder {
  /** Names the folder; empty for none. */
  public static final String VARIABLE = "GEMLAB_CACHE";

  /** With less to use on its disk nothing is kept. */
  private static final long LEAST_SPACE = 1L << 30;

  private CacheFolder() {}

  /** A folder in it, which is made; empty where nothing is to be kept, or can be. */
  public static Optional<Path> of(String name) {
    return root(System.getenv(), System.getProperty("user.home"))
        .flatMap(root -> ready(root.resolve(name)));
  }

  /** The folder that the environment asks for, whether it is there or not. */
  static Optional<Path> root(Map<String, String> environment, String home) {
    String own = environment.get(VARIABLE);
    if (own != null) return own.isBlank() ? Optional.empty() : absolute(own);
    // The specification has relative paths ignored.
    return absolute(environment.getOrDefault("XDG_CACHE_HOME", ""))
        .or(() -> absolute(home).map(folder -> folder.resolve(".cache")))
        .map(folder -> folder.resolve("gemlab"));
  }

  private static Optional<Path> absolute(String path) {
    try {
      return Optional.of(Path.of(path)).filter(Path::isAbsolute);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Optional<Path> ready(Path folder) {
    try {
      Files.createDirectories(folder);
      boolean usable =
          Files.isWritable(folder) && Files.getFileStore(folder).getUsableSpace() >= LEAST_SPACE;
      return usable ? Optional.of(folder) : Optional.empty();
    } catch (IOException | SecurityException e) {
      return Optional.empty();
    }
  }
}
