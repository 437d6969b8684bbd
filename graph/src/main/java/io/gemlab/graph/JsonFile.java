package io.gemlab.graph;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
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
      return parseObject(file.toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  /**
   * @param name where the JSON stands, such as a file or {@code line 3}
   * @return the object that {@code utf8} holds
   * @throws InvalidInput if it is not UTF-8, not JSON, has a key twice, or is not an object
   */
  public static ObjectNode parseObject(String name, byte[] utf8) {
    JsonNode node;
    try {
      CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
      node = MAPPER.readTree(strict.decode(ByteBuffer.wrap(utf8)).toString());
    } catch (CharacterCodingException e) {
      throw new InvalidInput(name + " is not UTF-8: save it as UTF-8", e);
    } catch (JsonProcessingException e) {
      throw new InvalidInput(name + " is not valid JSON: " + reason(e) + "; repair it", e);
    }
    if (node instanceof ObjectNode object) return object;
    throw new InvalidInput(
        name + " holds " + kind(node) + " where an object {...} is wanted; repair it");
  }

  /** Jackson's reason in a line, with the line, if it is not the first, and the column. */
  public static String reason(JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    if (at == null) return e.getOriginalMessage();
    String line = at.getLineNr() == 1 ? "" : "line " + at.getLineNr() + ", ";
    return e.getOriginalMessage() + " (" + line + "column " + at.getColumnNr() + ")";
  }

  private static String kind(JsonNode node) {
    return node.isMissingNode() ? "nothing" : node.getNodeType().toString().toLowerCase();
  }
}
