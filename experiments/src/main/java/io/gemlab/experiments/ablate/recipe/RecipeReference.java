package io.gemlab.experiments.ablate.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.ConfigKeys;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Level;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Every key of a recipe, for people and for editors, made of the keys that read it. */
public final class RecipeReference {
  private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

  private static final String REQUIRED = "required";

  /** Defaults that are no value of the default recipe. */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "name",
          REQUIRED,
          "question",
          REQUIRED,
          "preset",
          REQUIRED + ", or `checkpoint`",
          "arms",
          REQUIRED + ", or `grid`",
          "control",
          "the first arm",
          "allow_deviation",
          "`false`",
          "pilot",
          "`false`",
          "quick",
          "the default recipe's");

  private static final JsonMapper JSON = new JsonMapper();

  private final List<Part> parts;

  /**
   * A mapping of a recipe.
   *
   * @param title its key, and of an arm's what it is
   * @param about a sentence or two
   * @param keys that it has
   * @param defaults of the keys, in words
   */
  private record Part(String title, String about, List<Key<?>> keys, Map<String, String> defaults) {
    String defaultOf(Key<?> key) {
      return defaults.getOrDefault(key.name(), "");
    }
  }

  /** The reference of this build. */
  public RecipeReference() {
    ObjectNode whole = RecipeFile.builtIn();
    Map<String, String> arm = Map.of("name", REQUIRED, "attention", REQUIRED);
    parts =
        List.of(
            new Part(
                "At the top",
                "Of `training`, `tune`, `timing` and `agreement`, a section that is left out is not"
                    + " done.",
                RecipeReader.KEYS,
                DEFAULTS),
            new Part(
                "An arm",
                "One of `arms`. In a `grid` every key of `config` and of an arm's `training` may"
                    + " stand, and `attention`, each with a list of values; `cap` is short for"
                    + " `attn_logit_softcapping`. Arms are named after the keys that have several"
                    + " values, as in `learning_rate 0.001, cap 50`.",
                RecipeReader.ARM_KEYS,
                arm),
            section(
                "training",
                "Paired by seed: the same batches in the same order, and the same weights at the"
                    + " start where arms have the same. "
                    + Divergence.DEFINITION
                    + " That is a finding and not averaged away; the others are compared.",
                RecipeReader.TRAINING_KEYS,
                whole,
                Map.of("warmup_steps", "an eighth of `steps`")),
            new Part(
                "tune",
                "Each arm is trained at each rate under each seed, then compared at its own best"
                    + " under `training`'s seeds.",
                Tuning.KEYS,
                Map.of("learning_rate", REQUIRED, "seeds", REQUIRED)),
            section(
                "timing",
                "Forward pass and training step, each cell in a process of its own.",
                RecipeReader.TIMING_KEYS,
                whole,
                Map.of("arms", "all arms")),
            section(
                "agreement",
                "Largest difference, KL divergence and top-1 agreement of logits.",
                RecipeReader.AGREEMENT_KEYS,
                whole,
                Map.of()),
            new Part(
                "config",
                "Of the recipe and of an arm; Hugging Face's keys and three of ours. What is left"
                    + " out is the preset's.",
                ConfigKeys.KEYS,
                Map.of()));
  }

  private static Part section(
      String name, String about, List<Key<?>> keys, ObjectNode whole, Map<String, String> words) {
    Map<String, String> defaults = new HashMap<>();
    for (Key<?> key : keys) {
      JsonNode value = whole.path(name).path(key.name());
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

  /** As JSON Schema, which editors complete and check recipes with. */
  public String schema() {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("$schema", DIALECT);
    schema.put("title", "A recipe of gemlab ablate");
    ObjectNode properties = mapping(schema, RecipeReader.KEYS, List.of("name", "question"));
    ArrayNode choices = schema.putArray("allOf");
    oneOf(choices, "preset", "checkpoint");
    oneOf(choices, "arms", "grid");

    ObjectNode definitions = schema.putObject("$defs");
    mapping(definitions.putObject("config"), ConfigKeys.KEYS, List.of());
    mapping(definitions.putObject("training"), RecipeReader.TRAINING_KEYS, List.of());
    mapping(definitions.putObject("tune"), Tuning.KEYS, RecipeReader.names(Tuning.KEYS));
    mapping(definitions.putObject("timing"), RecipeReader.TIMING_KEYS, List.of());
    mapping(definitions.putObject("agreement"), RecipeReader.AGREEMENT_KEYS, List.of());
    ObjectNode arm =
        mapping(definitions.putObject("arm"), RecipeReader.ARM_KEYS, List.of("name", "attention"));
    refer(arm, "config");
    mapping((ObjectNode) arm.get("training"), RecipeReader.ARM_TRAINING_KEYS, List.of());

    for (String section : List.of("config", "training", "tune", "timing", "agreement")) {
      refer(properties, section);
    }
    ((ObjectNode) properties.get("arms")).putObject("items").put("$ref", "#/$defs/arm");
    ObjectNode quick = ((ObjectNode) properties.get("quick")).put("additionalProperties", false);
    for (String section : List.of("training", "timing", "agreement")) {
      quick.withObjectProperty("properties").putObject(section);
      refer(quick.withObjectProperty("properties"), section);
    }
    quick
        .withObjectProperty("properties")
        .putObject("arms")
        .put("type", "array")
        .putObject("items")
        .put("type", "string");
    ObjectNode grid = ((ObjectNode) properties.get("grid")).put("additionalProperties", false);
    ObjectNode varied = grid.putObject("properties");
    for (Key<?> key : Grid.keys()) {
      varied
          .putObject(key.name())
          .put("type", "array")
          .put("minItems", 1)
          .set("items", key.schema());
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(schema) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void oneOf(ArrayNode choices, String... keys) {
    ArrayNode one = choices.addObject().putArray("oneOf");
    for (String key : keys) one.addObject().putArray("required").add(key);
  }

  private static void refer(ObjectNode properties, String section) {
    ((ObjectNode) properties.get(section)).put("$ref", "#/$defs/" + section);
  }

  /** Makes a schema that of a mapping; answers the schemas of its keys. */
  private static ObjectNode mapping(ObjectNode schema, List<Key<?>> keys, List<String> required) {
    schema.put("type", "object").put("additionalProperties", false);
    if (!required.isEmpty()) required.forEach(schema.putArray("required")::add);
    ObjectNode properties = schema.putObject("properties");
    keys.forEach(key -> properties.set(key.name(), key.schema()));
    return properties;
  }
}
