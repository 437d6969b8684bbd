package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.ConfigKeys;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Reference;
import io.gemlab.experiments.recipe.Reference.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Every key of a training run's recipe. */
public final class TrainRecipeReference {
  private static final String MODEL = Reference.REQUIRED + ", one of three";

  /** What each section is for. */
  private static final Map<String, String> ABOUT =
      Map.of(
          "lora",
          "An adapter in PEFT's format, trained over a `checkpoint` that stays as it is.",
          "distill",
          "Learning of a teacher, beside or instead of the next token"
              + " ([docs/distillation.md](distillation.md)).",
          "training",
          "Besides what is said below, `corpus` may be conversations, `FILE.jsonl`, or token ids,"
              + " `FILE.bin`, and `tokenizer` the folder of a checkpoint.",
          "checkpoints",
          "Each a Hugging Face folder, or PEFT's.",
          "samples",
          "Written by the weights as they are at each point of the validation curve.");

  private TrainRecipeReference() {}

  /** The reference of this build. */
  public static Reference of() {
    ObjectNode defaults = TrainRecipeFile.defaults();
    List<Part> parts = new ArrayList<>();
    parts.add(
        new Part(
            "At the top",
            "One of `preset`, `config_file` and `checkpoint` is the model. What else a recipe leaves"
                + " out has the value of recipes/train/tiny.yaml.",
            TrainRecipeFile.KEYS,
            Map.of(
                "name",
                "the file's",
                "preset",
                MODEL,
                "config_file",
                MODEL,
                "checkpoint",
                MODEL,
                "attention",
                "`" + defaults.path("attention").asText() + "`",
                "allow_deviation",
                "`" + defaults.path("allow_deviation").asText() + "`")));
    TrainRecipeFile.SECTIONS.forEach(
        (section, keys) ->
            parts.add(
                Part.section(section, ABOUT.get(section), keys, defaults.path(section), Map.of())));
    parts.add(
        new Part(
            "config",
            "Hugging Face's keys and three of ours. What is left out is the model's own.",
            ConfigKeys.KEYS,
            Map.of()));
    return new Reference(parts, schema());
  }

  private static ObjectNode schema() {
    ObjectNode schema = Reference.schemaOf("A recipe of gemlab train");
    Reference.mapping(schema, TrainRecipeFile.KEYS, List.of());
    Reference.requireOne(schema, TrainRecipeFile.SOURCES.stream().map(Key::name).toList());
    TrainRecipeFile.SECTIONS.forEach((name, keys) -> Reference.section(schema, name, keys));
    Reference.section(schema, "config", ConfigKeys.KEYS);
    return schema;
  }
}
