package io.gemlab.experiments.crosscheck;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.batch.TokenFile;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tokens in JSON, as {@link TokenFile} reads them, for a model. */
public final class IdsFile {
  private static final JsonMapper JSON = new JsonMapper();

  private IdsFile() {}

  /**
   * Reads the tokens of {@code file}.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if it is not of this form, or an id is not in
   *     the vocabulary
   */
  public static TokenBatch read(Path file, Gemma2Config config) {
    return TokenFile.read(file, config.vocabSize());
  }

  /** Writes tokens, with their mask. */
  public static void write(Path file, TokenBatch batch) throws IOException {
    Map<String, int[][]> json = new LinkedHashMap<>();
    json.put(TokenFile.IDS, batch.inputIds());
    json.put(TokenFile.MASK, batch.attentionMask());
    WholeFile.write(file, JSON.writeValueAsBytes(json));
  }
}
