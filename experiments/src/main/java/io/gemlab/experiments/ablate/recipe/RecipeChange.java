package io.gemlab.experiments.ablate.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.ConfigKeys;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.KeyChange;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A value given over a recipe's on the command line: {@code training.steps=40}, {@code
 * arms.NAME.training.learning_rate=1e-3}, {@code timing=null}.
 *
 * @param change by keys; the first of them may be {@code arms}, and the second an arm's name
 */
record RecipeChange(KeyChange change) {
  private static final Map<String, List<Key<?>>> SECTIONS =
      Map.of(
          RecipeReader.CONFIG.name(), ConfigKeys.KEYS,
          RecipeReader.GRID.name(), Grid.keys(),
          RecipeReader.TRAINING.name(), RecipeReader.TRAINING_KEYS,
          RecipeReader.TUNE.name(), Tuning.KEYS,
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
    return new RecipeChange(KeyChange.of(text));
  }

  /** The keys to the value, with dots between. */
  String path() {
    return change.path();
  }

  /**
   * Makes the change.
   *
   * @throws InvalidInput that names the nearest key if the recipe has none of this name
   */
  void apply(ObjectNode recipe) {
    String arms = RecipeReader.ARMS.name() + ".";
    if (path().startsWith(arms)) {
      inArm(recipe, path().substring(arms.length()));
    } else {
      change.apply(recipe, RecipeReader.KEYS, SECTIONS);
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
        throw new InvalidInput(
            "--set " + InvalidInput.shown(change.text()) + ": the recipe has no arms");
      }
      throw NearestName.unknown("--set: arm", rest.split("\\.", 2)[0], names);
    }
    change.in(rest.substring(name.length() + 1)).apply(found, RecipeReader.ARM_KEYS, ARM_SECTIONS);
  }
}
