package io.gemlab.graph;

import java.net.URISyntaxException;
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
    try {
      return Path.of(TestFiles.class.getResource("/" + path).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
