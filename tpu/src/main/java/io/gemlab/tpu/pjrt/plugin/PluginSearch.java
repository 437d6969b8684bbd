package io.gemlab.tpu.pjrt.plugin;

import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What came of looking for a plugin.
 *
 * @param lookedAt where it was looked for, in order
 * @param found the first that is there
 */
public record PluginSearch(PluginKind kind, List<Path> lookedAt, Optional<Path> found) {
  public PluginSearch {
    lookedAt = List.copyOf(lookedAt);
  }

  /**
   * The library.
   *
   * @throws InvalidInput if there is none
   */
  public Path require() {
    return require("by --plugin");
  }

  /**
   * The library.
   *
   * @param how else the user may give it: {@code by --plugin}
   * @throws InvalidInput if there is none
   */
  public Path require(String how) {
    return found.orElseThrow(() -> new InvalidInput(missing(how)));
  }

  private String missing(String how) {
    String where =
        switch (lookedAt.size()) {
          case 0 -> "in no Python site-packages, since there are none";
          case 1 -> "at " + lookedAt.getFirst();
          default -> "at %s or %d other places".formatted(lookedAt.getFirst(), lookedAt.size() - 1);
        };
    String variable = kind.variable().map(name -> " or set " + name).orElse("");
    return "no %s plugin %s: run `%s`, or give its file %s%s"
        .formatted(kind, where, kind.remedy(), how, variable);
  }
}
