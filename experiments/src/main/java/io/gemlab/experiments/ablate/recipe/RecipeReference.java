package io.gemlab.experiments.ablate.recipe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.ConfigKeys;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Reference;
import io.gemlab.experiments.recipe.Reference.Part;
import java.util.List;
import java.util.Map;

/** Every key of an ablation's recipe. */
public final class RecipeReference {
  private static final String REQUIRED = Reference.REQUIRED;

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

  private RecipeReference() {}

  /** The reference of this build. */
  public static Reference of() {
    ObjectNode whole = RecipeFile.builtIn();
    Map<String, String> arm = Map.of("name", REQUIRED, "attention", REQUIRED);
    return new Reference(
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
            Part.section(
                "training",
                "Paired by seed: the same batches in the same order, and the same weights at the"
                    + " start where arms have the same. "
                    + Divergence.DEFINITION
                    + " That is a finding and not averaged away; the others are compared.",
                RecipeReader.TRAINING_KEYS,
                whole.path("training"),
                Map.of("warmup_steps", "an eighth of `steps`", "teacher_flops", "the file's")),
            new Part(
                "tune",
                "Each arm is trained at each rate under each seed, then compared at its own best"
                    + " under `training`'s seeds.",
                Tuning.KEYS,
                Map.of("learning_rate", REQUIRED, "seeds", REQUIRED)),
            Part.section(
                "timing",
                "Forward pass and training step, each cell in a process of its own.",
                RecipeReader.TIMING_KEYS,
                whole.path("timing"),
                Map.of("arms", "all arms")),
            Part.section(
                "agreement",
                "Largest difference, KL divergence and top-1 agreement of logits.",
                RecipeReader.AGREEMENT_KEYS,
                whole.path("agreement"),
                Map.of()),
            new Part(
                "config",
                "Of the recipe and of an arm; Hugging Face's keys and three of ours. What is left"
                    + " out is the preset's.",
                ConfigKeys.KEYS,
                Map.of())),
        schema());
  }

  private static ObjectNode schema() {
    ObjectNode schema = Reference.schemaOf("A recipe of gemlab ablate");
    ObjectNode properties =
        Reference.mapping(schema, RecipeReader.KEYS, List.of("name", "question"));
    Reference.requireOne(schema, List.of("preset", "checkpoint"));
    Reference.requireOne(schema, List.of("arms", "grid"));
    Reference.section(schema, "config", ConfigKeys.KEYS);
    Reference.section(schema, "training", RecipeReader.TRAINING_KEYS);
    Reference.mapping(
        schema.withObjectProperty("$defs").putObject("tune"),
        Tuning.KEYS,
        RecipeReader.names(Tuning.KEYS));
    Reference.refer(properties, "tune");
    Reference.section(schema, "timing", RecipeReader.TIMING_KEYS);
    Reference.section(schema, "agreement", RecipeReader.AGREEMENT_KEYS);
    ObjectNode arm =
        Reference.mapping(
            schema.withObjectProperty("$defs").putObject("arm"),
            RecipeReader.ARM_KEYS,
            List.of("name", "attention"));
    Reference.refer(arm, "config");
    Reference.mapping((ObjectNode) arm.get("training"), RecipeReader.ARM_TRAINING_KEYS, List.of());

    ((ObjectNode) properties.get("arms")).putObject("items").put("$ref", "#/$defs/arm");
    ObjectNode quick = ((ObjectNode) properties.get("quick")).put("additionalProperties", false);
    for (String section : List.of("training", "timing", "agreement")) {
      quick.withObjectProperty("properties").putObject(section);
      Reference.refer(quick.withObjectProperty("properties"), section);
    }
    quick
        .withObjectProperty("properties")
        .set(RecipeReader.QUESTION.name(), RecipeReader.QUESTION.schema());
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
    return schema;
  }
}
