package io.gemlab.experiments.ablate.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.ConfigKeys;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A value given over a recipe's on the command line: {@code training.steps=40}, {@code
 * arms.NAME.training.learning_rate=1e-3}, {@code timing=null}.
 *
 * @param text as it was given, for messages
 * @param path the keys to it, with dots between
 * @param value in YAML
 */
record RecipeChange(String text, String path, JsonNode value) {
  private static final Map<String, List<Key<?>>> SECTIONS =
      Map.of(
          RecipeReader.CONFIG.name(), ConfigKeys.KEYS,
          RecipeReader.TRAINING.name(), RecipeReader.TRAINING_KEYS,
          RecipeReader.TIMING.name(), RecipeReader.TIMING_KEYS,
          RecipeReader.AGREEMENT.name(), RecipeReader.AGREEMENT_KEYS);

  private static final Map<String, List<Key<?>>> ARM_SECTIONS =
      Map.of(
          RecipeReader.CONFIG.name(), ConfigKeys.KEYS,
          RecipeReader.ARM_TRAINING.name(), RecipeReader.ARM_TRAINING_KEYS);

  /**
   * Reads a change.
   *
   * @throws InvalidInput if it is not {@code key=value}, or the value is not YAML
   */
  static RecipeChange of(String text) {
    int split = text.indexOf('=');
    if (split < 1) {
      throw new InvalidInput(
          "--set " + InvalidInput.shown(text) + " has no key and value; give training.steps=40");
    }
    try {
      JsonNode value = RecipeFile.YAML.readTree(text.substring(split + 1));
      return new RecipeChange(
          text,
          text.substring(0, split).strip(),
          value.isMissingNode() ? RecipeFile.YAML.nullNode() : value);
    } catch (JsonProcessingException e) {
      throw new InvalidInput(
          "--set " + InvalidInput.shown(text) + ": the value is not valid YAML", e);
    }
  }

  /**
   * Makes the change.
   *
   * @throws InvalidInput that names the nearest key if the recipe has none of this name
   */
  void apply(ObjectNode recipe) {
    String arms = RecipeReader.ARMS.name() + ".";
    if (path.startsWith(arms)) {
      inArm(recipe, path.substring(arms.length()));
    } else {
      in(recipe, path, RecipeReader.KEYS, SECTIONS);
    }
  }

  private void inArm(ObjectNode recipe, String rest) {
    List<String> names = new ArrayList<>();
    ObjectNode found = null;
    String name = "";
    for (JsonNode arm : recipe.path(RecipeReader.ARMS.name())) {
      String own = arm.path("name").asText();
      names.add(own);
      // An arm's name may have dots; of two that fit, the longer is meant.
      if (arm instanceof ObjectNode node
          && rest.startsWith(own + ".")
          && own.length() > name.length()) {
        found = node;
        name = own;
      }
    }
    if (found == null) {
      if (names.isEmpty()) {
        throw new InvalidInput("--set " + InvalidInput.shown(text) + ": the recipe has no arms");
      }
      throw NearestName.unknown("--set: arm", rest.split("\\.", 2)[0], names);
    }
    in(found, rest.substring(name.length() + 1), RecipeReader.ARM_KEYS, ARM_SECTIONS);
  }

  private void in(
      ObjectNode node, String keys, List<Key<?>> known, Map<String, List<Key<?>>> sections) {
    String[] parts = keys.split("\\.", 2);
    require("--set: key", parts[0], known);
    if (parts.length == 1) {
      node.set(parts[0], value);
      return;
    }
    boolean grid = parts[0].equals(RecipeReader.GRID.name());
    if (!grid && !sections.containsKey(parts[0])) {
      throw new InvalidInput(
          "--set %s: %s has no keys of its own".formatted(InvalidInput.shown(text), parts[0]));
    }
    if (!grid) require("--set: key of " + parts[0], parts[1], sections.get(parts[0]));
    if (!(node.get(parts[0]) instanceof ObjectNode)) node.putObject(parts[0]);
    ((ObjectNode) node.get(parts[0])).set(parts[1], value);
  }

  private static void require(String what, String key, List<Key<?>> known) {
    List<String> names = RecipeReader.names(known);
    if (!names.contains(key)) throw NearestName.unknown(what, key, names);
  }
}
