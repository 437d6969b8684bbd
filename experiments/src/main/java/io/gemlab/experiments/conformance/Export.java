package io.gemlab.experiments.conformance;

import io.gemlab.graph.base.files.WholeFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The vectors as a folder for other runtimes: all probes, what to do with them, an example. */
public final class Export {
  private static final List<String> DOCUMENTS = List.of("README.md", "run_transformers.py");

  private Export() {}

  /**
   * Writes it.
   *
   * @param folder new or empty; it is there whole or not at all
   * @throws io.gemlab.graph.base.input.InvalidInput if it holds anything
   */
  public static void write(Path folder, List<Probe> probes) throws IOException {
    try (WholeFolder whole = WholeFolder.begin(folder)) {
      for (Probe probe : probes) VectorFiles.write(whole.path(), Expectation.of(probe));
      for (String document : DOCUMENTS) {
        Files.write(whole.path().resolve(document), resource(document));
      }
      whole.keep();
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream stream = Export.class.getResourceAsStream(name)) {
      return stream.readAllBytes();
    }
  }
}
