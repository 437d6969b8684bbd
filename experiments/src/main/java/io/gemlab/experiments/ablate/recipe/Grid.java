package io.gemlab.experiments.ablate.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.ConfigKeys;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Kind;
import io.gemlab.experiments.recipe.Level;
import io.gemlab.experiments.recipe.Values;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.ops.attention.EagerAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An arm for every combination of values: what a recipe's {@code grid} stands for. */
final class Grid {
  private static final String CAP_KEY = "attn_logit_softcapping";
  private static final Key<Double> CAP =
      Key.of("cap", Kind.NUMBER, Values.POSITIVE, "Short for `" + CAP_KEY + "`.").orNull();

  private Grid() {}

  /**
   * The arms of a grid, the last key's values changing first. Keys with several values name them.
   *
   * @param where what to call the recipe in messages
   * @param grid a list of values a key
   * @throws InvalidInput if a key can't be varied, or has no list of values
   */
  static ArrayNode arms(String where, ObjectNode grid) {
    if (grid.isEmpty()) throw new InvalidInput(where + ": grid is empty; give keys with lists");
    List<ObjectNode> arms = List.of(JsonNodeFactory.instance.objectNode().put("name", ""));
    for (Map.Entry<String, JsonNode> entry : grid.properties()) {
      String key = entry.getKey();
      String section = section(where, key);
      if (!entry.getValue().isArray() || entry.getValue().isEmpty()) {
        throw new InvalidInput(
            "%s: grid: %s is %s; give a list of values"
                .formatted(where, key, InvalidInput.shown(entry.getValue().toString())));
      }
      List<ObjectNode> more = new ArrayList<>();
      for (ObjectNode arm : arms) {
        for (JsonNode value : entry.getValue()) {
          ObjectNode one = arm.deepCopy();
          ObjectNode target = section.isEmpty() ? one : one.withObjectProperty(section);
          target.set(key.equals(CAP.name()) ? CAP_KEY : key, value);
          if (entry.getValue().size() > 1) {
            String name = one.path("name").asText();
            one.put("name", (name.isEmpty() ? "" : name + ", ") + key + " " + Level.of(value));
          }
          more.add(one);
        }
      }
      arms = more;
    }
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (ObjectNode arm : arms) {
      if (arm.path("name").asText().isEmpty()) arm.put("name", "the only combination");
      if (!arm.has(RecipeReader.ATTENTION.name())) {
        arm.put(RecipeReader.ATTENTION.name(), new EagerAttention().label());
      }
      all.add(arm);
    }
    return all;
  }

  /** The keys that a grid may vary. */
  static List<Key<?>> keys() {
    List<Key<?>> keys = new ArrayList<>(List.of(RecipeReader.ATTENTION, CAP));
    keys.addAll(ConfigKeys.KEYS);
    keys.addAll(RecipeReader.ARM_TRAINING_KEYS);
    return keys;
  }

  /** The part of an arm that a key belongs to; empty for the arm itself. */
  private static String section(String where, String key) {
    List<String> known = RecipeReader.names(keys());
    if (!known.contains(key)) throw NearestName.unknown(where + ": key of grid", key, known);
    if (key.equals(RecipeReader.ATTENTION.name())) return "";
    return RecipeReader.names(RecipeReader.ARM_TRAINING_KEYS).contains(key)
        ? RecipeReader.TRAINING.name()
        : RecipeReader.CONFIG.name();
  }
}
