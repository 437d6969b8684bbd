package io.gemlab.graph.base.text;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.SyntaxProblem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * What is read of a {@code tokenizer.json} beside what the native library reads: the spelling of
 * every token, and which tokens are special. The merges, most of the file, are skipped.
 */
final class TokenizerJson {
  private static final int LARGEST_ID = (1 << 24) - 1;
  private static final JsonMapper JSON = new JsonMapper();

  private final Path file;
  private final JsonParser parser;
  private final Set<String> special = new HashSet<>();
  private final Set<String> added = new HashSet<>();
  private String[] pieces = new String[1024];
  private int size;

  private TokenizerJson(Path file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /**
   * @throws InvalidInput if {@code json} is not JSON, or has no model with a vocabulary
   */
  static TokenizerJson parse(Path file, String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      TokenizerJson tokenizer = new TokenizerJson(file, parser);
      tokenizer.readTop();
      return tokenizer;
    } catch (JsonProcessingException e) {
      throw new InvalidInput(
          file + " is not valid JSON: " + SyntaxProblem.of(e) + "; fetch it again", e);
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  /** The spelling of every id; an id that the vocabulary leaves out is the empty text. */
  String[] pieces() {
    String[] all = Arrays.copyOf(pieces, size);
    for (int id = 0; id < size; id++) if (all[id] == null) all[id] = "";
    return all;
  }

  /** The spellings of the tokens that are found before a text is cut into pieces. */
  Set<String> added() {
    return added;
  }

  /** The spellings of the tokens that are marked special. */
  Set<String> special() {
    return special;
  }

  private void readTop() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) throw refused("holds no object {...}");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "added_tokens" -> readAddedTokens(JSON.readTree(parser));
        case "model" -> readModel();
        default -> parser.skipChildren();
      }
    }
    if (size == 0) throw refused("has no model with a vocabulary");
  }

  private void readAddedTokens(JsonNode tokens) {
    for (JsonNode token : tokens) {
      String content = token.path("content").asText();
      add(content, token.path("id"));
      added.add(content);
      if (token.path("special").asBoolean()) special.add(content);
    }
  }

  private void readModel() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) throw refused("has no model {...}");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean vocabulary = parser.currentName().equals("vocab");
      JsonToken value = parser.nextToken();
      if (vocabulary && value == JsonToken.START_OBJECT) readVocabulary();
      else if (vocabulary && value == JsonToken.START_ARRAY) readScoredVocabulary();
      else parser.skipChildren();
    }
  }

  /** {@code {"piece": id, ...}}: BPE, WordPiece, WordLevel. */
  private void readVocabulary() throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String piece = parser.currentName();
      parser.nextToken();
      add(piece, JSON.readTree(parser));
    }
  }

  /** {@code [["piece", score], ...]}, the id being the place: Unigram. */
  private void readScoredVocabulary() throws IOException {
    for (int id = 0; parser.nextToken() != JsonToken.END_ARRAY; id++) {
      JsonNode entry = JSON.readTree(parser);
      add(entry.path(0).asText(), JSON.getNodeFactory().numberNode(id));
    }
  }

  private void add(String piece, JsonNode idNode) {
    int id = idNode.isInt() ? idNode.intValue() : -1;
    if (id < 0 || id > LARGEST_ID) {
      throw refused(
          "gives %s the id %s; 0 to %d are possible"
              .formatted(shown(piece), shown(idNode.toString()), LARGEST_ID));
    }
    if (id >= pieces.length) pieces = Arrays.copyOf(pieces, Math.max(id + 1, 2 * pieces.length));
    pieces[id] = piece;
    size = Math.max(size, id + 1);
  }

  private InvalidInput refused(String problem) {
    return new InvalidInput(file + " " + problem + ": it is no tokenizer.json; fetch it again");
  }
}
