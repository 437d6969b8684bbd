package io.gemlab.graph.base.adapter;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * PEFT's {@code adapter_config.json}.
 *
 * @param rank r
 * @param alpha as {@link Lora#alpha}; rsLoRA's {@code alpha / sqrt(r)} is the same with another
 * @param baseModel what the file calls the model that it was trained from
 * @see <a href="https://github.com/huggingface/peft">peft/tuners/lora/config.py, 0.21.2</a>
 */
record AdapterJson(int rank, double alpha, Optional<String> baseModel) {
  private static final String TYPE = "peft_type";
  private static final String RANK = "r";
  private static final String ALPHA = "lora_alpha";
  private static final String BASE = "base_model_name_or_path";
  private static final String BIAS = "bias";
  private static final String RANK_STABILIZED = "use_rslora";
  private static final String INITIAL = "init_lora_weights";

  /** Keys that say nothing of what the adapter computes. Which modules it has, its tensors say. */
  private static final Set<String> HARMLESS =
      Set.of(
          "auto_mapping",
          "corda_config",
          "ensure_weight_tying",
          "eva_config",
          "exclude_modules",
          "inference_mode",
          "layers_pattern",
          "layers_to_transform",
          "loftq_config",
          "lora_dropout",
          "lora_ga_config",
          "megatron_core",
          "peft_version",
          "qalora_group_size",
          "revision",
          "runtime_config",
          "target_modules",
          "task_type",
          TYPE,
          RANK,
          ALPHA,
          BASE,
          RANK_STABILIZED);

  /** Ways to begin that leave the base model as it is. */
  private static final Set<String> PLAIN_BEGINNINGS =
      Set.of("true", "false", "gaussian", "orthogonal", "eva");

  /** Values, besides null, false and nothing, that ask for nothing. */
  private static final Map<String, Set<String>> DEFAULTS =
      Map.of(BIAS, Set.of("none"), INITIAL, PLAIN_BEGINNINGS);

  /**
   * Reads it.
   *
   * @param file for messages
   * @throws InvalidInput if it is no LoRA's, or asks for what isn't done here; it names the key
   */
  static AdapterJson of(ObjectNode json, Path file) {
    String type = json.path(TYPE).asText("");
    if (!type.equals("LORA")) {
      throw new InvalidInput("%s: peft_type is %s; only LORA is read".formatted(file, shown(type)));
    }
    json.properties()
        .forEach(
            key -> {
              if (!HARMLESS.contains(key.getKey()) && asks(key.getKey(), key.getValue())) {
                throw new InvalidInput(
                    "%s: %s is %s, which Gemlab does not do; merge the adapter with PEFT (merge_and_unload) and name the model that comes out"
                        .formatted(file, key.getKey(), key.getValue()));
              }
            });
    JsonNode rank = json.path(RANK);
    JsonNode alpha = json.path(ALPHA);
    if (!rank.canConvertToInt() || rank.intValue() < 1 || !alpha.isNumber()) {
      throw new InvalidInput(
          "%s: r is %s and lora_alpha %s; both must be numbers above 0"
              .formatted(
                  file,
                  rank.isMissingNode() ? "absent" : rank,
                  alpha.isMissingNode() ? "absent" : alpha));
    }
    double stabilized = json.path(RANK_STABILIZED).asBoolean() ? Math.sqrt(rank.intValue()) : 1;
    return new AdapterJson(
        rank.intValue(),
        alpha.doubleValue() * stabilized,
        Optional.ofNullable(json.path(BASE).textValue()));
  }

  private static boolean asks(String key, JsonNode value) {
    boolean isNothing =
        value.isNull()
            || value.isBoolean() && !value.booleanValue()
            || value.isContainerNode() && value.isEmpty()
            || value.isTextual() && value.textValue().isEmpty();
    return !isNothing && !DEFAULTS.getOrDefault(key, Set.of()).contains(value.asText());
  }

  /** What PEFT reads; the keys that are left out have its defaults. */
  static ObjectNode write(Lora lora, String baseModel) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put(BASE, baseModel).put(BIAS, "none").put("fan_in_fan_out", false);
    json.put("inference_mode", true).put(INITIAL, true);
    boolean isWhole = lora.alpha() == Math.rint(lora.alpha());
    if (isWhole) json.put(ALPHA, (long) lora.alpha());
    else json.put(ALPHA, lora.alpha());
    json.put("lora_dropout", 0.0).putNull("modules_to_save").put(TYPE, "LORA");
    json.put(RANK, lora.rank());
    lora.targets().forEach(json.putArray("target_modules")::add);
    json.put("task_type", "CAUSAL_LM").put("use_dora", false).put(RANK_STABILIZED, false);
    return json;
  }
}
