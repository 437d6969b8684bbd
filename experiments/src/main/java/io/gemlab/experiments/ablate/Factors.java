package io.gemlab.experiments.ablate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.run.Records;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.reports.record.Factor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What the arms of a recipe vary: the attention, and every key that one of them changes. */
final class Factors {
  /** The field's short names for keys that ablations vary most. */
  private static final Map<String, String> NAMES =
      Map.of(
          "attn_logit_softcapping", "cap",
          "final_logit_softcapping", "final cap",
          "qk_norm", "QK-norm");

  private Factors() {}

  /** The factors of an arm, the same ones for every arm of a recipe. */
  static List<Factor> of(AblationRecipe recipe, Arm arm) {
    Set<String> keys = new TreeSet<>();
    recipe.arms().forEach(any -> any.changes().fieldNames().forEachRemaining(keys::add));
    ObjectNode config = ConfigJson.write(arm.config());
    config.setAll(arm.changes());
    List<Factor> factors = new ArrayList<>();
    factors.add(Records.factor("attention", arm.model().ops().attention().label()));
    for (String key : keys) {
      factors.add(Records.factor(NAMES.getOrDefault(key, key), level(config.path(key))));
    }
    return factors;
  }

  private static String level(JsonNode value) {
    if (value.isMissingNode()) return "default";
    if (value.isNull()) return "none";
    if (value.isBoolean()) return value.booleanValue() ? "yes" : "no";
    return value.asText();
  }
}
