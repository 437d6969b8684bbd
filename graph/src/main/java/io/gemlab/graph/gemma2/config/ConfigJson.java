package io.gemlab.graph.gemma2.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.mlp.GatedActivation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A config to and from the keys of Hugging Face's {@code config.json}, and a few of our own: {@code
 * layer_pattern} (alternate, all_global, all_sliding or N:1), {@code norms} and {@code qk_norm}.
 *
 * <p>Both spellings that live in the field are read: {@code rope_theta} at the top or in {@code
 * rope_parameters}, {@code hidden_act} or {@code hidden_activation}. What the model can't do is
 * refused (biases, scaled rotary embeddings, untied heads); nothing falls back silently.
 */
public final class ConfigJson {
  private static final String ATTENTION_SOFTCAP = "attn_logit_softcapping";
  private static final String FINAL_SOFTCAP = "final_logit_softcapping";
  private static final String LAYER_PATTERN = "layer_pattern";
  private static final String LAYER_TYPES = "layer_types";

  /** The keys that decide what a model computes, the special tokens left out. */
  public static final List<String> KEYS =
      List.of(
          "vocab_size",
          "hidden_size",
          "intermediate_size",
          "num_hidden_layers",
          "num_attention_heads",
          "num_key_value_heads",
          "head_dim",
          LAYER_PATTERN,
          LAYER_TYPES,
          "sliding_window",
          "query_pre_attn_scalar",
          ATTENTION_SOFTCAP,
          FINAL_SOFTCAP,
          "rope_theta",
          "rms_norm_eps",
          "max_position_embeddings",
          "hidden_activation",
          "norms",
          "qk_norm");

  private final ObjectNode json;
  private final String where;

  private ConfigJson(ObjectNode json, String where) {
    this.json = json;
    this.where = where;
  }

  /**
   * Reads a {@code config.json}.
   *
   * @throws InvalidInput as {@link #read(ObjectNode, String)}, and if the file can't be read
   */
  public static Gemma2Config read(Path file) {
    return read(JsonFile.readPython(file), file.toString());
  }

  /**
   * Reads a config.
   *
   * @param where what to call the source in messages: a file, a recipe's arm
   * @throws InvalidInput if a field is missing, of the wrong kind, or asks for what Gemma 2 has not
   */
  public static Gemma2Config read(ObjectNode json, String where) {
    try {
      return new ConfigJson(json, where).config();
    } catch (IllegalArgumentException e) {
      throw new InvalidInput(where + ": " + e.getMessage(), e);
    }
  }

  /**
   * Changes keys of a config, as an arm of a recipe does. The layers' types are given layer by
   * layer or as a pattern: the one takes the other's place.
   *
   * @param where what to call the source of the changes in messages
   * @throws InvalidInput if a key is not one that a config has
   */
  public static void change(ObjectNode json, ObjectNode changes, String where) {
    if (changes.has(LAYER_PATTERN) != changes.has(LAYER_TYPES)) {
      json.remove(List.of(LAYER_PATTERN, LAYER_TYPES));
    }
    for (Map.Entry<String, JsonNode> change : changes.properties()) {
      if (!KEYS.contains(change.getKey())) {
        throw NearestName.unknown(where + ": config key", change.getKey(), KEYS);
      }
      json.set(change.getKey(), change.getValue());
    }
  }

  /**
   * Takes both caps out of a config, the attention's and the logits'.
   *
   * @return {@code json} itself
   */
  public static ObjectNode withoutSoftcaps(ObjectNode json) {
    putSoftcap(json, ATTENTION_SOFTCAP, Softcap.none());
    putSoftcap(json, FINAL_SOFTCAP, Softcap.none());
    return json;
  }

  /** Whether it has a value for each of {@link #KEYS}, as what is written of a config has. */
  public static boolean isWhole(ObjectNode json) {
    return KEYS.stream()
        .filter(key -> !key.equals(LAYER_PATTERN))
        .allMatch(key -> json.has(key) || (key.equals(LAYER_TYPES) && json.has(LAYER_PATTERN)));
  }

  private Gemma2Config config() {
    refuse("attention_bias", JsonNode::asBoolean, "Gemma 2 has no biases");
    refuse(
        "use_bidirectional_attention", JsonNode::asBoolean, "only causal attention is implemented");
    refuse(
        "tie_word_embeddings",
        value -> !value.asBoolean(true),
        "Gemma 2 scores tokens with its embedding");
    refuse(
        "model_type",
        value -> !value.asText().equals("gemma2"),
        "only model_type gemma2 is implemented");
    return new Gemma2Config(
        integer("vocab_size"),
        integer("hidden_size"),
        integer("intermediate_size"),
        integer("num_attention_heads"),
        integer("num_key_value_heads"),
        integer("head_dim"),
        layerTypes(),
        integer("sliding_window"),
        number("query_pre_attn_scalar"),
        softcap(ATTENTION_SOFTCAP),
        softcap(FINAL_SOFTCAP),
        ropeTheta(),
        number("rms_norm_eps"),
        integer("max_position_embeddings"),
        activation(),
        json.has("norms")
            ? choice("norms", NormPlacement.values(), NormPlacement::label)
            : NormPlacement.BOTH,
        flag("qk_norm"),
        new Gemma2Config.SpecialTokens(
            token("bos_token_id", 2), endTokens(), token("pad_token_id", 0)));
  }

  /** Writes a config with Hugging Face's keys, so that its loader reads it. */
  public static ObjectNode write(Gemma2Config config) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures").add("Gemma2ForCausalLM");
    json.put("model_type", "gemma2");
    json.put("vocab_size", config.vocabSize());
    json.put("hidden_size", config.hiddenSize());
    json.put("intermediate_size", config.intermediateSize());
    json.put("num_hidden_layers", config.numHiddenLayers());
    json.put("num_attention_heads", config.numAttentionHeads());
    json.put("num_key_value_heads", config.numKeyValueHeads());
    json.put("head_dim", config.headDim());
    json.putArray(LAYER_TYPES)
        .addAll(config.layerTypes().stream().map(type -> json.textNode(type.label())).toList());
    json.put("sliding_window", config.slidingWindow());
    putQueryScalar(json, config.queryPreAttnScalar());
    putSoftcap(json, ATTENTION_SOFTCAP, config.attnLogitSoftcapping());
    putSoftcap(json, FINAL_SOFTCAP, config.finalLogitSoftcapping());
    json.put("rope_theta", config.ropeTheta());
    json.put("rms_norm_eps", config.rmsNormEps());
    json.put("max_position_embeddings", config.maxPositionEmbeddings());
    json.put(
        "hidden_activation",
        config.hiddenActivation() == GatedActivation.GEGLU ? "gelu_pytorch_tanh" : "silu");
    json.put("norms", config.norms().label());
    json.put("qk_norm", config.qkNorm());
    json.put("bos_token_id", config.tokens().bos());
    json.set(EndTokens.KEY, EndTokens.json(config.tokens().eos()));
    json.put("pad_token_id", config.tokens().pad());
    json.put("attention_bias", false);
    json.put("tie_word_embeddings", true);
    return json;
  }

  private List<LayerType> layerTypes() {
    int layers = integer("num_hidden_layers");
    JsonNode types = json.get(LAYER_TYPES);
    JsonNode pattern = json.get(LAYER_PATTERN);
    if (present(types) && present(pattern)) {
      throw invalid(LAYER_TYPES, types, "give either layer_types or layer_pattern, not both");
    }
    if (present(pattern)) return pattern(pattern, layers);
    if (!present(types)) return alternate(layers, 1);
    if (!types.isArray() || types.size() != layers) {
      throw invalid(
          LAYER_TYPES, types, "give a list with one type for each of the " + layers + " layers");
    }
    List<LayerType> read = new ArrayList<>();
    for (JsonNode type : types) {
      read.add(choice(LAYER_TYPES, type, LayerType.values(), LayerType::label));
    }
    return read;
  }

  private List<LayerType> pattern(JsonNode pattern, int layers) {
    String text = pattern.asText();
    if (text.equals("alternate")) return alternate(layers, 1);
    if (text.equals("all_global")) return repeat(LayerType.FULL_ATTENTION, layers);
    if (text.equals("all_sliding")) return repeat(LayerType.SLIDING_ATTENTION, layers);
    if (text.matches("[1-9][0-9]{0,2}:1")) {
      return alternate(layers, Integer.parseInt(text.substring(0, text.indexOf(':'))));
    }
    throw invalid(
        LAYER_PATTERN, pattern, "give alternate, all_global, all_sliding or N:1 (as in \"5:1\")");
  }

  /** {@code sliding} sliding layers, then a global one, and so on. */
  private static List<LayerType> alternate(int layers, int sliding) {
    List<LayerType> types = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      boolean global = i % (sliding + 1) == sliding;
      types.add(global ? LayerType.FULL_ATTENTION : LayerType.SLIDING_ATTENTION);
    }
    return types;
  }

  private static List<LayerType> repeat(LayerType type, int layers) {
    return java.util.Collections.nCopies(Math.max(layers, 0), type);
  }

  private double ropeTheta() {
    JsonNode parameters = json.get("rope_parameters");
    JsonNode scaling = json.get("rope_scaling");
    if (present(scaling) && !isUnscaled(scaling)) {
      throw invalid("rope_scaling", scaling, "only unscaled rotary embeddings are implemented");
    }
    if (!present(parameters)) return number("rope_theta");
    String type = parameters.path("rope_type").asText("default");
    if (!type.equals("default")) {
      throw invalid(
          "rope_parameters.rope_type",
          parameters.get("rope_type"),
          "only the default rotary embedding is implemented");
    }
    JsonNode theta = parameters.get("rope_theta");
    if (!present(theta) || !theta.isNumber()) {
      throw invalid("rope_parameters.rope_theta", theta, "give a number, 10000 in Gemma 2");
    }
    if (present(json.get("rope_theta")) && number("rope_theta") != theta.asDouble()) {
      throw invalid(
          "rope_theta", json.get("rope_theta"), "rope_parameters.rope_theta says " + theta);
    }
    return theta.asDouble();
  }

  /** {@code {"rope_type": "default"}}, or {@code type} in older versions, scales nothing. */
  private static boolean isUnscaled(JsonNode scaling) {
    return scaling.path("rope_type").asText(scaling.path("type").asText()).equals("default");
  }

  private GatedActivation activation() {
    String key = present(json.get("hidden_activation")) ? "hidden_activation" : "hidden_act";
    JsonNode value = required(key);
    return switch (value.asText()) {
      case "gelu_pytorch_tanh" -> GatedActivation.GEGLU;
      case "silu" -> GatedActivation.SWIGLU;
      default -> throw invalid(key, value, "give gelu_pytorch_tanh (GeGLU) or silu (SwiGLU)");
    };
  }

  /** Null is no cap; the key must be there, since the field's defaults differ. */
  private Softcap softcap(String key) {
    if (!json.has(key)) throw invalid(key, null, "give a number, or null for no cap");
    if (json.get(key).isNull()) return Softcap.none();
    double cap = number(key);
    if (!(cap > 0) || Double.isInfinite(cap)) {
      throw invalid(key, json.get(key), "a cap must be finite and above 0; write null for no cap");
    }
    return Softcap.of(cap);
  }

  private int token(String key, int otherwise) {
    JsonNode value = json.get(key);
    if (!present(value)) return otherwise;
    if (!value.isInt()) throw invalid(key, value, "give a token's id");
    return value.asInt();
  }

  /** One id, or a list of them; 1 where there is none, as Hugging Face's Gemma 2 has it. */
  private List<Integer> endTokens() {
    JsonNode value = json.path(EndTokens.KEY);
    return EndTokens.isAbsent(value) ? List.of(1) : EndTokens.read(value, where);
  }

  private boolean flag(String key) {
    JsonNode value = json.get(key);
    if (!present(value)) return false;
    if (!value.isBoolean()) throw invalid(key, value, "give true or false");
    return value.asBoolean();
  }

  private int integer(String key) {
    JsonNode value = required(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw invalid(key, value, "give a whole number");
    }
    return value.asInt();
  }

  private double number(String key) {
    JsonNode value = required(key);
    if (!value.isNumber()) throw invalid(key, value, "give a number");
    return value.asDouble();
  }

  private JsonNode required(String key) {
    JsonNode value = json.get(key);
    if (!present(value)) throw invalid(key, value, "give it");
    return value;
  }

  private <E> E choice(String key, E[] values, Function<E, String> label) {
    return choice(key, json.get(key), values, label);
  }

  private <E> E choice(String key, JsonNode value, E[] values, Function<E, String> label) {
    for (E candidate : values) {
      if (label.apply(candidate).equals(value.asText().toLowerCase(Locale.ROOT))) return candidate;
    }
    String known = Arrays.stream(values).map(label).collect(Collectors.joining(" or "));
    throw invalid(key, value, "give " + known);
  }

  private void refuse(String key, Function<JsonNode, Boolean> unwanted, String reason) {
    JsonNode value = json.get(key);
    if (present(value) && unwanted.apply(value)) throw invalid(key, value, reason);
  }

  private InvalidInput invalid(String key, JsonNode value, String remedy) {
    String seen = present(value) ? "is " + value : "is missing";
    return new InvalidInput(where + ": " + key + " " + seen + "; " + remedy);
  }

  private static boolean present(JsonNode value) {
    return value != null && !value.isNull();
  }

  /** Hugging Face's loader refuses 256.0 where it wants 256. */
  private static void putQueryScalar(ObjectNode json, double scalar) {
    String key = "query_pre_attn_scalar";
    if (scalar == (int) scalar) json.put(key, (int) scalar);
    else json.put(key, scalar);
  }

  private static void putSoftcap(ObjectNode json, String key, Softcap softcap) {
    if (softcap.cap().isEmpty()) json.putNull(key);
    else json.put(key, softcap.cap().getAsDouble());
  }
}
