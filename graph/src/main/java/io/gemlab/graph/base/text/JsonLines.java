package io.gemlab.graph.base.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.SyntaxProblem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files with a JSON value a line. */
public final class JsonLines {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private JsonLines() {}

  /** Receives a line and its number, counted from 1. */
  public interface Action {
    void accept(JsonNode line, long number);
  }

  /**
   * Reads the lines that are not blank.
   *
   * @throws InvalidInput if the file can't be read, or a line is not UTF-8 or not JSON
   */
  public static void forEach(Path file, Action action) {
    try (InputStream stream = Files.newInputStream(file)) {
      Passages.ofLines(
          new Utf8Reader(file.toString(), stream),
          (line, number) -> action.accept(parse(file, line, number), number));
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  private static JsonNode parse(Path file, String line, long number) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new InvalidInput(
          "%s, line %d is not valid JSON: %s; repair or remove the line"
              .formatted(file, number, SyntaxProblem.of(e)),
          e);
    }
  }
}
