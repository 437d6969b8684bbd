package io.gemlab.graph.gemma2.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tokens that end an answer: {@code eos_token_id} of {@code generation_config.json}, a number
 * or a list of them, or of {@code config.json} where that says none.
 *
 * @param ids one or more, each in the vocabulary
 * @param source the file that names them
 */
public record EndTokens(List<Integer> ids, String source) {
  /** The key in both files. */
  public static final String KEY = "eos_token_id";

  private static final String WANTED = "give a token's id or a list of ids";

  public EndTokens {
    ids = List.copyOf(ids);
  }

  /**
   * A checkpoint's.
   *
   * @param folder the checkpoint's, for messages
   * @throws InvalidInput if an id is none, or not in the vocabulary: an answer that waits for it
   *     would never end
   */
  public static EndTokens of(CheckpointFiles files, Path folder, Gemma2Config config) {
    JsonNode generation =
        files
            .generationConfig()
            .<JsonNode>map(json -> json.path(KEY))
            .orElse(MissingNode.getInstance());
    boolean fromConfig = isAbsent(generation);
    String source = fromConfig ? "config.json" : "generation_config.json";
    String where = folder.resolve(source).toString();
    List<Integer> ids = fromConfig ? config.tokens().eos() : read(generation, where);
    for (int id : ids) {
      if (id < 0 || id >= config.vocabSize()) {
        throw new InvalidInput(
            "%s: %s is %d, but the vocabulary has ids from 0 to %d: an end token that can't come; correct it"
                .formatted(where, KEY, id, config.vocabSize() - 1));
      }
    }
    return new EndTokens(ids, source);
  }

  /**
   * A checkpoint's files with one more token that ends an answer: what it was taught to end with is
   * no use where nobody waits for it.
   *
   * @throws InvalidInput as {@link #of}
   */
  public static CheckpointFiles withEnd(
      int id, CheckpointFiles files, Path folder, Gemma2Config config) {
    List<Integer> ids = new ArrayList<>(of(files, folder, config).ids());
    if (!ids.contains(id)) ids.add(id);
    ObjectNode generation =
        files.generationConfig().orElseGet(JsonNodeFactory.instance::objectNode);
    generation.set(KEY, json(ids));
    return new CheckpointFiles(files.config(), Optional.of(generation), files.companions());
  }

  /**
   * The ids in an {@code eos_token_id}.
   *
   * @param where what to call the source in messages
   * @throws InvalidInput if it is no whole number and no list of them
   */
  static List<Integer> read(JsonNode value, String where) {
    List<Integer> ids = new ArrayList<>();
    for (JsonNode id : value.isArray() ? value : List.of(value)) {
      if (!id.isInt()) {
        throw new InvalidInput("%s: %s is %s; %s".formatted(where, KEY, value, WANTED));
      }
      ids.add(id.asInt());
    }
    return ids;
  }

  /** Whether a value names no token: left out, null, or an empty list. */
  static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull() || value.isArray() && value.isEmpty();
  }

  /** Ids as both files have them: a number where there is one, else a list. */
  public static JsonNode json(List<Integer> ids) {
    if (ids.size() == 1) return IntNode.valueOf(ids.getFirst());
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    ids.forEach(list::add);
    return list;
  }
}
