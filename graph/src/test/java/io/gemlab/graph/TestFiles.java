package io.gemlab.graph;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** Files among the test resources. */
public final class TestFiles {
  private TestFiles() {}

  /**
   * A file or folder of the golden set, such as {@code "ckpt_f32"}; its origin and conventions are
   * in {@code golden.json}.
   */
  public static Path golden(String name) {
    return resource("golden/" + name);
  }

  /** A resource by its path, such as {@code "python/load_checkpoint.py"}. */
  public static Path resource(String path) {
    URL found = TestFiles.class.getResource("/" + path);
    // From another module's tests they may come in a jar, and nobody maps a file in a jar.
    if (found.getProtocol().equals("jar")) {
      return Path.of("..", "graph", "src", "test", "resources", path);
    }
    try {
      return Path.of(found.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
