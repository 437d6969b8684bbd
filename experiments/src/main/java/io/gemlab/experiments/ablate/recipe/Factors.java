package io.gemlab.experiments.ablate.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.recipe.ConfigKeys;
import io.gemlab.experiments.recipe.Level;
import io.gemlab.experiments.run.Records;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.reports.record.Factor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What the arms of a recipe vary: the attention, and every key that one of them changes. */
public final class Factors {
  private Factors() {}

  /** The factors of an arm, the same ones for every arm of a recipe. */
  public static List<Factor> of(AblationRecipe recipe, Arm arm) {
    Set<String> keys = new TreeSet<>();
    recipe.arms().forEach(any -> any.changes().fieldNames().forEachRemaining(keys::add));
    ObjectNode config = ConfigJson.write(arm.config());
    config.setAll(arm.changes());
    List<Factor> factors = new ArrayList<>();
    factors.add(Records.factor("attention", arm.model().ops().attention().label()));
    for (String key : keys) {
      factors.add(
          Records.factor(ConfigKeys.SHORT.getOrDefault(key, key), Level.of(config.path(key))));
    }
    return factors;
  }

  /** What the arms' training differs in; the same factors for every arm of a recipe. */
  public static List<Factor> ofTraining(AblationRecipe recipe, Arm arm) {
    List<Factor> factors = new ArrayList<>();
    ObjectNode settings = arm.trained().orElseThrow().settings();
    for (Map.Entry<String, JsonNode> setting : settings.properties()) {
      String key = setting.getKey();
      boolean differs =
          recipe.arms().stream()
              .map(any -> any.trained().orElseThrow().settings())
              .anyMatch(any -> !any.path(key).equals(setting.getValue()));
      if (differs) factors.add(Records.factor(key, Level.of(setting.getValue())));
    }
    return factors;
  }
}
