package io.gemlab.graph.base.input;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
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
 * Reads small JSON files: one object, UTF-8, with a byte order mark or without. Anything else is
 * {@link InvalidInput} that names the file, the line and the column.
 */
public final class JsonFile {
  private static final long LARGEST_BYTES = 64L << 20;
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private static final JsonMapper STRICT =
      JsonMapper.builder(factory().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final JsonMapper AS_PYTHON =
      JsonMapper.builder(factory().build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static JsonFactoryBuilder factory() {
    return (JsonFactoryBuilder)
        JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(100).build());
  }

  private JsonFile() {}

  /**
   * Reads what a person wrote: every key once.
   *
   * @return the object that {@code file} holds
   * @throws InvalidInput if it is absent, over 64 MiB, not UTF-8, not JSON, has a key twice, or is
   *     not an object
   */
  public static ObjectNode readObject(Path file) {
    return parse(STRICT, file.toString(), bytes(file));
  }

  /**
   * Reads what a Python library wrote, as Python's {@code json} module does: {@code NaN} and {@code
   * Infinity} are numbers, and of a key that comes twice the last counts.
   *
   * @return the object that {@code file} holds
   * @throws InvalidInput if it is absent, over 64 MiB, not UTF-8, not JSON, or not an object
   */
  public static ObjectNode readPython(Path file) {
    return parse(AS_PYTHON, file.toString(), bytes(file));
  }

  /**
   * @param name where the JSON stands, such as a file or {@code line 3}
   * @return the object that {@code utf8} holds
   * @throws InvalidInput if it is not UTF-8, not JSON, has a key twice, or is not an object
   */
  public static ObjectNode parseObject(String name, byte[] utf8) {
    return parse(STRICT, name, utf8);
  }

  /** A text without the byte order mark that some editors put before it. */
  public static String withoutByteOrderMark(String text) {
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }

  private static byte[] bytes(Path file) {
    GitLfs.requireContent(file);
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
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  private static ObjectNode parse(JsonMapper mapper, String name, byte[] utf8) {
    JsonNode node;
    try {
      CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
      String text = strict.decode(ByteBuffer.wrap(utf8)).toString();
      node = mapper.readTree(withoutByteOrderMark(text));
    } catch (CharacterCodingException e) {
      throw new InvalidInput(name + " is not UTF-8: save it as UTF-8", e);
    } catch (JsonProcessingException e) {
      throw new InvalidInput(
          name + " is not valid JSON: " + SyntaxProblem.of(e) + "; repair it", e);
    }
    if (node instanceof ObjectNode object) return object;
    throw new InvalidInput(
        name + " holds " + kind(node) + " where an object {...} is wanted; repair it");
  }

  private static String kind(JsonNode node) {
    return node.isMissingNode() ? "nothing" : node.getNodeType().toString().toLowerCase();
  }
}
