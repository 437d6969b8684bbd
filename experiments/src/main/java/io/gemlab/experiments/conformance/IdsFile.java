package io.gemlab.experiments.conformance;

import io.gemlab.graph.gemma2.Gemma2Config;
import io.gemlab.graph.gemma2.TokenBatch;
import io.gemlab.graph.gemma2.TokenFile;
import java.nio.file.Path;

/** Tokens in JSON, as {@link TokenFile} has them, for a model. */
public final class IdsFile {
  private IdsFile() {}

  /**
   * Reads the tokens of {@code file}.
   *
   * @throws io.gemlab.graph.InvalidInput if it is not of this form, or an id is not in the
   *     vocabulary
   */
  public static TokenBatch read(Path file, Gemma2Config config) {
    return TokenFile.read(file, config.vocabSize());
  }
}
