package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.base.input.SyntaxProblem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Recipes as YAML: mappings whose keys come once, read from files and written out again. */
public final class RecipeYaml {
  private static final YAMLMapper YAML =
      new YAMLMapper(
          YAMLFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .build());

  private RecipeYaml() {}

  /**
   * Reads a recipe's file.
   *
   * @throws InvalidInput if it can't be read, or is no mapping
   */
  public static ObjectNode read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new InvalidInput(file + " is not UTF-8: save it as UTF-8", e);
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  /**
   * Reads a recipe's text.
   *
   * @param where it is from, for people
   * @throws InvalidInput if it is no mapping
   */
  public static ObjectNode parse(String where, String text) {
    try {
      JsonNode node = YAML.readTree(JsonFile.withoutByteOrderMark(text));
      if (node instanceof ObjectNode object) return object;
      throw new InvalidInput(where + " is no recipe: its top is not a mapping of keys to values");
    } catch (JsonProcessingException e) {
      throw new InvalidInput(
          where + " is not valid YAML: " + SyntaxProblem.of(e) + "; repair the file", e);
    }
  }

  /** Reads a recipe that the build has. */
  public static ObjectNode builtIn(Class<?> beside, String name) {
    try (InputStream yaml = beside.getResourceAsStream(name)) {
      return (ObjectNode) YAML.readTree(yaml);
    } catch (IOException e) {
      throw new UncheckedIOException("the build lost the recipe " + name, e);
    }
  }

  /** A recipe as a file has it. */
  public static String text(ObjectNode recipe) {
    try {
      return YAML.writeValueAsString(recipe);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A value of {@code --set KEY=VALUE}.
   *
   * @throws InvalidInput if it is not valid YAML
   */
  static JsonNode value(String text) throws JsonProcessingException {
    JsonNode value = YAML.readTree(text);
    return value.isMissingNode() ? YAML.nullNode() : value;
  }

  /**
   * Lays a section's values over its defaults.
   *
   * @param what to call a key of it in a message
   * @param under the defaults, which have every key; they are changed
   * @throws InvalidInput that names the nearest key where there is none of a name
   */
  public static void lay(String what, ObjectNode under, ObjectNode over) {
    List<String> known = under.properties().stream().map(Map.Entry::getKey).toList();
    for (Map.Entry<String, JsonNode> entry : over.properties()) {
      if (!known.contains(entry.getKey())) throw NearestName.unknown(what, entry.getKey(), known);
      under.set(entry.getKey(), entry.getValue());
    }
  }
}
