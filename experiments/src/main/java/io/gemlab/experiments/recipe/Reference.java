package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every key of a kind of recipe, for people and for editors, made of the keys that read it.
 *
 * @param parts its mappings
 * @param schema as JSON Schema, which editors complete and check recipes with
 */
public record Reference(List<Part> parts, String schema) {
  /** Of a key without a default. */
  public static final String REQUIRED = "required";

  private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * @param schema made by {@link #schema}
   */
  public Reference(List<Part> parts, ObjectNode schema) {
    this(List.copyOf(parts), text(schema));
  }

  private static String text(ObjectNode schema) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(schema) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A mapping of a recipe.
   *
   * @param title its key, or what it is
   * @param about a sentence or two
   * @param keys that it has
   * @param defaults of the keys, in words
   */
  public record Part(String title, String about, List<Key<?>> keys, Map<String, String> defaults) {
    /**
     * A section whose keys have defaults.
     *
     * @param values of the section where it is left out
     * @param words defaults that are no value
     */
    public static Part section(
        String name, String about, List<Key<?>> keys, JsonNode values, Map<String, String> words) {
      Map<String, String> defaults = new HashMap<>();
      for (Key<?> key : keys) {
        JsonNode value = values.path(key.name());
        defaults.put(key.name(), "`" + (value.isArray() ? list(value) : Level.of(value)) + "`");
      }
      defaults.putAll(words);
      return new Part(name, about, keys, defaults);
    }

    private static String list(JsonNode values) {
      List<String> all = new ArrayList<>();
      values.forEach(value -> all.add(Level.of(value)));
      return "[" + String.join(", ", all) + "]";
    }

    private String defaultOf(Key<?> key) {
      return defaults.getOrDefault(key.name(), "");
    }
  }

  /** In Markdown, a table a section. */
  public String markdown() {
    StringBuilder text = new StringBuilder("## Keys\n");
    for (Part part : parts) {
      text.append("\n### ").append(part.title()).append("\n\n").append(part.about());
      text.append("\n\n| key | type | unit | default | values | meaning |\n");
      text.append("| --- | --- | --- | --- | --- | --- |\n");
      for (Key<?> key : part.keys()) {
        text.append(
            "| `%s` | %s | %s | %s | %s | %s |\n"
                .formatted(
                    key.name(),
                    type(key),
                    key.unit(),
                    part.defaultOf(key),
                    key.values().text(),
                    key.meaning()));
      }
    }
    return text.toString();
  }

  /** For a terminal. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append(part.title()).append("\n").append(part.about()).append("\n\n");
      for (Key<?> key : part.keys()) {
        List<String> facts = new ArrayList<>(List.of(type(key)));
        if (!key.unit().isEmpty()) facts.add(key.unit());
        if (!key.values().text().isEmpty()) facts.add(key.values().text());
        String without = part.defaultOf(key);
        if (!without.isEmpty()) {
          facts.add(without.startsWith(REQUIRED) ? without : "default: " + without);
        }
        text.append("  %-24s %s\n".formatted(key.name(), String.join("; ", facts)));
        text.append("  %-24s %s\n".formatted("", key.meaning()));
      }
      text.append('\n');
    }
    return text.toString().replace("`", "");
  }

  private static String type(Key<?> key) {
    return key.kind().label() + (key.mayBeNull() ? " or null" : "");
  }

  /** The schema of a whole recipe, to which {@link #mapping} adds its keys. */
  public static ObjectNode schemaOf(String title) {
    return JsonNodeFactory.instance.objectNode().put("$schema", DIALECT).put("title", title);
  }

  /** Makes a schema that of a mapping; answers the schemas of its keys. */
  public static ObjectNode mapping(ObjectNode schema, List<Key<?>> keys, List<String> required) {
    schema.put("type", "object").put("additionalProperties", false);
    if (!required.isEmpty()) required.forEach(schema.putArray("required")::add);
    ObjectNode properties = schema.putObject("properties");
    keys.forEach(key -> properties.set(key.name(), key.schema()));
    return properties;
  }

  /** Defines a section's mapping in a recipe's schema, and has its key refer to that. */
  public static void section(ObjectNode schema, String name, List<Key<?>> keys) {
    mapping(schema.withObjectProperty("$defs").putObject(name), keys, List.of());
    refer((ObjectNode) schema.get("properties"), name);
  }

  /** Has the key of a section mean what was defined of that name. */
  public static void refer(ObjectNode properties, String section) {
    ((ObjectNode) properties.get(section)).put("$ref", "#/$defs/" + section);
  }

  /** Requires exactly one of several keys. */
  public static void requireOne(ObjectNode schema, List<String> keys) {
    ArrayNode one = schema.withArray("allOf").addObject().putArray("oneOf");
    for (String key : keys) one.addObject().putArray("required").add(key);
  }
}
