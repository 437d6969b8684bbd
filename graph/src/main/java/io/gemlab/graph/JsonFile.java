package io.gemlab.graph;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the small JSON files of a checkpoint folder: one object, UTF-8, every key once. Anything
 * else is {@link InvalidInput} that names the file and the line.
 */
public final class JsonFile {
  private static final long LARGEST_BYTES = 64L << 20;
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(100).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonFile() {}

  /**
   * @return the object that {@code file} holds
   * @throws InvalidInput if it is absent, over 64 MiB, not UTF-8, not JSON, has a key twice, or is
   *     not an object
   */
  public static ObjectNode readObject(Path file) {
    JsonNode node;
    try {
      long bytes = Files.size(file);
      if (bytes > LARGEST_BYTES) {
        throw new InvalidInput(
            file
                + " has "
                + bytes
                + " bytes, over the "
                + LARGEST_BYTES
                + " that are read as JSON");
      }
      node = MAPPER.readTree(Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new InvalidInput(file + " is not UTF-8: save it as UTF-8", e);
    } catch (JsonProcessingException e) {
      throw new InvalidInput(file + " is not valid JSON: " + reason(e) + "; repair the file", e);
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
    if (node instanceof ObjectNode object) return object;
    throw new InvalidInput(
        file + " holds " + kind(node) + " where an object {...} is wanted; repair the file");
  }

  /** Jackson's reason in a line, with the line and column where it has one. */
  public static String reason(JsonProcessingException e) {
    String where =
        e.getLocation() == null
            ? ""
            : " (line "
                + e.getLocation().getLineNr()
                + ", column "
                + e.getLocation().getColumnNr()
                + ")";
    return e.getOriginalMessage() + where;
  }

  private static String kind(JsonNode node) {
    return node.isMissingNode() ? "nothing" : node.getNodeType().toString().toLowerCase();
  }
}
