package io.gemlab.graph.base.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tokens in JSON: {@code {"input_ids": [[...]], "attention_mask": [[...]]}}; the mask may be left
 * out where nothing is padded.
 */
public final class TokenFile {
  /** The key of the tokens. */
  public static final String IDS = "input_ids";

  /** The key of the mask: 1 a token, 0 padding. */
  public static final String MASK = "attention_mask";

  private static final JsonMapper JSON = new JsonMapper();

  private TokenFile() {}

  /**
   * Reads the tokens of {@code file}.
   *
   * @throws InvalidInput if it is not of this form, or an id is not in the vocabulary
   */
  public static TokenBatch read(Path file, int vocabSize) {
    ObjectNode json = JsonFile.readObject(file);
    json.fieldNames()
        .forEachRemaining(
            key -> {
              if (key.equals(IDS) || key.equals(MASK)) return;
              throw new InvalidInput(
                  "%s has the key %s; only %s and %s are read"
                      .formatted(file, InvalidInput.shown(key), IDS, MASK));
            });
    int[][] ids = rows(file, json, IDS, vocabSize);
    try {
      return json.has(MASK) ? new TokenBatch(ids, rows(file, json, MASK, 2)) : TokenBatch.of(ids);
    } catch (IllegalArgumentException e) {
      throw new InvalidInput(file + ": " + e.getMessage(), e);
    }
  }

  /** Writes tokens, with their mask. */
  public static void write(Path file, TokenBatch batch) throws IOException {
    Map<String, int[][]> json = new LinkedHashMap<>();
    json.put(IDS, batch.inputIds());
    json.put(MASK, batch.attentionMask());
    WholeFile.write(file, JSON.writeValueAsBytes(json));
  }

  private static int[][] rows(Path file, ObjectNode json, String key, int below) {
    JsonNode list = json.path(key);
    if (!list.isArray() || list.isEmpty()) {
      throw new InvalidInput(
          "%s: %s is %s; give a list of rows, each a list of numbers"
              .formatted(file, key, list.isMissingNode() ? "missing" : shown(list)));
    }
    int[][] rows = new int[list.size()][];
    for (int row = 0; row < rows.length; row++) {
      JsonNode values = list.get(row);
      if (!values.isArray() || values.isEmpty()) {
        throw new InvalidInput(
            "%s: %s[%d] is %s; give a list of numbers".formatted(file, key, row, shown(values)));
      }
      rows[row] = new int[values.size()];
      for (int i = 0; i < values.size(); i++) {
        JsonNode value = values.get(i);
        if (!value.isInt() || value.intValue() < 0 || value.intValue() >= below) {
          throw new InvalidInput(
              "%s: %s[%d][%d] is %s; give a whole number from 0 to %d"
                  .formatted(file, key, row, i, shown(value), below - 1));
        }
        rows[row][i] = value.intValue();
      }
    }
    return rows;
  }

  private static String shown(JsonNode value) {
    return InvalidInput.shown(value.toString());
  }
}
