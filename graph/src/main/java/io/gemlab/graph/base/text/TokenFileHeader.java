package io.gemlab.graph.base.text;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a token file holds, in {@code FILE.json} beside it. The file itself is nothing but ids, so
 * that whatever maps an array can read it.
 *
 * @param type of its ids
 * @param vocabularySize one more than the largest id that its tokenizer has
 * @param tokenizer the tokenizer's file; {@code bytes} for that of bytes
 * @param tokenizerSha256 of that file; empty for bytes
 * @param corpus what was encoded
 * @param corpusSha256 as {@link Corpus#sha256}
 * @param tokens how many ids there are
 * @param documents how many documents they are of
 */
public record TokenFileHeader(
    TokenType type,
    int vocabularySize,
    String tokenizer,
    String tokenizerSha256,
    String corpus,
    String corpusSha256,
    long tokens,
    long documents) {
  private static final String FORMAT = "gemlab tokens 1";

  /** Where the header of a token file is. */
  public static Path beside(Path file) {
    return file.resolveSibling(file.getFileName() + ".json");
  }

  /**
   * The header of a token file.
   *
   * @return empty if there is none
   * @throws InvalidInput if it is damaged
   */
  public static Optional<TokenFileHeader> of(Path file) {
    Path header = beside(file);
    if (!Files.exists(header)) return Optional.empty();
    ObjectNode json = JsonFile.readObject(header);
    try {
      if (!json.path("format").asText().equals(FORMAT)) {
        throw new InvalidInput(
            "the format is %s and not %s"
                .formatted(InvalidInput.shown(json.path("format").asText()), FORMAT));
      }
      return Optional.of(
          new TokenFileHeader(
              TokenType.named(json.path("type").asText()),
              json.required("vocabulary_size").intValue(),
              json.required("tokenizer").asText(),
              json.required("tokenizer_sha256").asText(),
              json.required("corpus").asText(),
              json.required("corpus_sha256").asText(),
              json.required("tokens").longValue(),
              json.required("documents").longValue()));
    } catch (IllegalArgumentException | InvalidInput e) {
      throw new InvalidInput(
          "%s: %s; make the token file again (gemlab tokens)".formatted(header, e.getMessage()), e);
    }
  }

  /** In UTF-8. */
  byte[] json() {
    return (JsonNodeFactory.instance
                .objectNode()
                .put("format", FORMAT)
                .put("type", type.label())
                .put("vocabulary_size", vocabularySize)
                .put("tokenizer", tokenizer)
                .put("tokenizer_sha256", tokenizerSha256)
                .put("corpus", corpus)
                .put("corpus_sha256", corpusSha256)
                .put("tokens", tokens)
                .put("documents", documents)
                .toPrettyString()
            + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }
}
