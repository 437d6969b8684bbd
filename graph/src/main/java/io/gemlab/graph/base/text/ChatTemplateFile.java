package io.gemlab.graph.base.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The chat template that a checkpoint's folder has: {@code chat_template.jinja}, or else {@code
 * chat_template} of {@code tokenizer_config.json}, of several the one named "default". The order is
 * transformers 5's ({@code PreTrainedTokenizerBase._from_pretrained}).
 *
 * @param name where it stands, for messages
 * @param source the template
 * @param specialTokens spellings of special tokens by the names under which templates have them,
 *     such as bos_token; as in {@code tokenizer_config.json}, empty where it says null
 */
record ChatTemplateFile(String name, String source, Map<String, Optional<String>> specialTokens) {
  static final String JINJA = "chat_template.jinja";
  static final String CONFIG = "tokenizer_config.json";
  private static final String KEY = "chat_template";
  private static final List<String> SPECIAL_TOKENS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  /**
   * @throws InvalidInput if a file can't be read, or has several templates and none to choose
   */
  static Optional<ChatTemplateFile> in(Path folder) {
    Path configFile = folder.resolve(CONFIG);
    JsonNode config =
        Files.exists(configFile) ? JsonFile.readPython(configFile) : MissingNode.getInstance();
    Path jinja = folder.resolve(JINJA);
    if (Files.exists(jinja)) {
      return Optional.of(
          new ChatTemplateFile(jinja.toString(), read(jinja), specialTokens(config)));
    }
    String name = KEY + " of " + configFile;
    return source(name, config.path(KEY))
        .map(source -> new ChatTemplateFile(name, source, specialTokens(config)));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InvalidInput(file + " is not UTF-8: fetch it again", e);
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  private static Optional<String> source(String name, JsonNode template) {
    if (template.isMissingNode() || template.isNull()) return Optional.empty();
    if (template.isTextual()) return Optional.of(template.textValue());
    List<String> names = new ArrayList<>();
    for (JsonNode one : template) {
      if (!one.path("name").isTextual() || !one.path("template").isTextual()) {
        throw new InvalidInput(
            name + " is no text and no list of {\"name\": ..., \"template\": ...}; repair it");
      }
      if (one.path("name").textValue().equals("default")) {
        return Optional.of(one.path("template").textValue());
      }
      names.add(one.path("name").textValue());
    }
    throw new InvalidInput(
        "%s has the templates %s and none called default: put the one to use into %s"
            .formatted(name, names, JINJA));
  }

  private static Map<String, Optional<String>> specialTokens(JsonNode config) {
    Map<String, Optional<String>> tokens = new HashMap<>();
    for (String name : SPECIAL_TOKENS) {
      if (!config.has(name)) continue;
      JsonNode token = config.get(name);
      JsonNode spelling = token.isObject() ? token.path("content") : token;
      tokens.put(name, Optional.ofNullable(spelling.textValue()));
    }
    return tokens;
  }
}
