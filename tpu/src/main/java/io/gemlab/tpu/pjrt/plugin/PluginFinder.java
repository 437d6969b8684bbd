package io.gemlab.tpu.pjrt.plugin;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds a plugin's library: the file that the user names, else the one that the environment names,
 * else the one in a folder of Python packages. A file that was named and isn't there is not
 * replaced by another.
 */
public final class PluginFinder {
  private final Map<String, String> environment;

  /**
   * @param environment variables, as {@link System#getenv()} gives them
   */
  public PluginFinder(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /**
   * @param named the library that the user gave by {@code --plugin}
   */
  public PluginSearch find(PluginKind kind, Optional<Path> named) {
    Optional<Path> given =
        named.or(
            () ->
                kind.variable()
                    .map(environment::get)
                    .filter(value -> !value.isBlank()) // empty is as good as not set
                    .map(Path::of));
    List<Path> candidates =
        given
            .map(List::of)
            .orElseGet(
                () ->
                    PythonPackages.folders(environment).stream()
                        .map(folder -> folder.resolve(kind.file()))
                        .toList());
    return new PluginSearch(
        kind, candidates, candidates.stream().filter(Files::isRegularFile).findFirst());
  }
}
