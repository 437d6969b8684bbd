package io.gemlab.experiments.conformance;

import io.gemlab.graph.base.checkpoint.HfCheckpointWriter;
import io.gemlab.reports.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    HfCheckpointWriter.requireFree(folder);
    try (TemporaryFolder partial = TemporaryFolder.beside(folder)) {
      for (Probe probe : probes) VectorFiles.write(partial.path(), Expectation.of(probe));
      for (String document : DOCUMENTS) {
        WholeFile.write(partial.path().resolve(document), resource(document));
      }
      Files.move(partial.path(), folder, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream stream = Export.class.getResourceAsStream(name)) {
      return stream.readAllBytes();
    }
  }
}
