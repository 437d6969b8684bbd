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
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A config to and from the keys of Hugging Face's {@code config.json}, and a few of our own: {@code
 * layer_pattern} (alternate, all_global, all_sliding or N:1), {@code norms} and {@code qk_norm}.
 *
 * <p>All spellings that live in the field are read: of rotary embeddings as {@link RopeJson} says,
 * {@code hidden_act} or {@code hidden_activation}, {@code layer_types} or Gemma 3's {@code
 * sliding_window_pattern}. What the model can't do is refused (biases, untied heads, images);
 * nothing falls back silently.
 */
public final class ConfigJson {
  private static final String ATTENTION_SOFTCAP = "attn_logit_softcapping";
  private static final String FINAL_SOFTCAP = "final_logit_softcapping";
  private static final String LAYER_PATTERN = "layer_pattern";
  private static final String LAYER_TYPES = "layer_types";
  private static final String QK_NORM = "qk_norm";

  /** Keys that a config may leave out. */
  private static final List<String> OPTIONAL =
      List.of(LAYER_PATTERN, RopeJson.LOCAL_THETA, RopeJson.SCALING);

  /** Keys that say otherwise what is written, and the two that are not always. */
  private static final List<String> OTHER_SPELLINGS =
      List.of(
          RopeJson.PARAMETERS,
          RopeJson.LOCAL_THETA,
          RopeJson.SCALING,
          LAYER_PATTERN,
          "sliding_window_pattern",
          "_sliding_window_pattern",
          "hidden_act");

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
          RopeJson.THETA,
          RopeJson.LOCAL_THETA,
          RopeJson.SCALING,
          "rms_norm_eps",
          "max_position_embeddings",
          "hidden_activation",
          "norms",
          QK_NORM);

  private final ConfigFields fields;

  private ConfigJson(ObjectNode json, String where) {
    this.fields = new ConfigFields(json, where, "");
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
   * @throws InvalidInput if a field is missing, of the wrong kind, or asks for what is not there
   */
  public static Gemma2Config read(ObjectNode json, String where) {
    try {
      return new ConfigJson(json, where).config();
    } catch (IllegalArgumentException e) {
      throw new InvalidInput(where + ": " + e.getMessage(), e);
    }
  }

  /**
   * A {@code config.json} in the keys of recipes: each that decides what is computed, in one
   * spelling, whatever {@code model_type} takes it for where it is left out.
   *
   * @throws InvalidInput as {@link #read(Path)}
   */
  public static ObjectNode switches(Path file) {
    ObjectNode json = write(read(file));
    json.remove(List.of("architectures", "model_type"));
    return json;
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
        .filter(key -> !OPTIONAL.contains(key))
        .allMatch(key -> json.has(key) || (key.equals(LAYER_TYPES) && json.has(LAYER_PATTERN)));
  }

  private Gemma2Config config() {
    fields.refuse("attention_bias", JsonNode::asBoolean, "Gemma has no biases");
    fields.refuse(
        "use_bidirectional_attention", JsonNode::asBoolean, "only causal attention is implemented");
    fields.refuse(
        "tie_word_embeddings",
        value -> !value.asBoolean(true),
        "Gemma scores tokens with its embedding");
    ModelType type = ModelType.read(fields);
    return new Gemma2Config(
        fields.integer("vocab_size"),
        fields.integer("hidden_size"),
        fields.integer("intermediate_size"),
        fields.integer("num_attention_heads"),
        fields.integer("num_key_value_heads"),
        fields.integer("head_dim"),
        layerTypes(type),
        fields.integer("sliding_window"),
        fields.number("query_pre_attn_scalar"),
        softcap(ATTENTION_SOFTCAP),
        softcap(FINAL_SOFTCAP),
        RopeJson.read(fields, type.ropeOfEachType()),
        fields.number("rms_norm_eps"),
        fields.integer("max_position_embeddings"),
        activation(),
        fields.has("norms")
            ? fields.choice("norms", NormPlacement.values(), NormPlacement::label)
            : NormPlacement.BOTH,
        fields.flag("qk_norm", type.qkNorm()),
        new Gemma2Config.SpecialTokens(
            token("bos_token_id", 2), endTokens(), token("pad_token_id", 0)));
  }

  /** Writes a config with Hugging Face's keys, so that its loader reads it. */
  public static ObjectNode write(Gemma2Config config) {
    ModelType type = ModelType.of(config);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures").add(type.architecture());
    json.put("model_type", type.label());
    json.put("vocab_size", config.vocabSize());
    json.put("hidden_size", config.hiddenSize());
    json.put("intermediate_size", config.intermediateSize());
    json.put("num_hidden_layers", config.numHiddenLayers());
    json.put("num_attention_heads", config.numAttentionHeads());
    json.put("num_key_value_heads", config.numKeyValueHeads());
    json.put("head_dim", config.headDim());
    json.putArray(LAYER_TYPES)
        .addAll(config.layerTypes().stream().map(each -> json.textNode(each.label())).toList());
    json.put("sliding_window", config.slidingWindow());
    putQueryScalar(json, config.queryPreAttnScalar());
    putSoftcap(json, ATTENTION_SOFTCAP, config.attnLogitSoftcapping());
    putSoftcap(json, FINAL_SOFTCAP, config.finalLogitSoftcapping());
    RopeJson.put(json, config.ropes(), type.ropeOfEachType());
    json.put("rms_norm_eps", config.rmsNormEps());
    json.put("max_position_embeddings", config.maxPositionEmbeddings());
    json.put(
        "hidden_activation",
        config.hiddenActivation() == GatedActivation.GEGLU ? "gelu_pytorch_tanh" : "silu");
    json.put("norms", config.norms().label());
    json.put(QK_NORM, config.qkNorm());
    json.put("bos_token_id", config.tokens().bos());
    json.set(EndTokens.KEY, EndTokens.json(config.tokens().eos()));
    json.put("pad_token_id", config.tokens().pad());
    json.put("attention_bias", false);
    json.put("tie_word_embeddings", true);
    return json;
  }

  /**
   * Writes a config over a {@code config.json}, of which the keys stay that the config has not.
   *
   * @return {@code json} itself
   */
  public static ObjectNode write(Gemma2Config config, ObjectNode json) {
    json.remove(OTHER_SPELLINGS);
    return json.setAll(write(config));
  }

  private List<LayerType> layerTypes(ModelType model) {
    int layers = fields.integer("num_hidden_layers");
    if (fields.has(LAYER_TYPES) && fields.has(LAYER_PATTERN)) {
      throw fields.invalid(LAYER_TYPES, "give either layer_types or layer_pattern, not both");
    }
    if (fields.has(LAYER_PATTERN)) return pattern(fields.get(LAYER_PATTERN), layers);
    if (!fields.has(LAYER_TYPES)) return alternate(layers, model.slidingLayers(fields));
    JsonNode types = fields.get(LAYER_TYPES);
    if (!types.isArray() || types.size() != layers) {
      throw fields.invalid(
          LAYER_TYPES, "give a list with one type for each of the " + layers + " layers");
    }
    List<LayerType> read = new ArrayList<>();
    for (JsonNode type : types) {
      read.add(fields.choice(LAYER_TYPES, type, LayerType.values(), LayerType::label));
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
    throw fields.invalid(
        LAYER_PATTERN, "give alternate, all_global, all_sliding or N:1 (as in \"5:1\")");
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
    return Collections.nCopies(Math.max(layers, 0), type);
  }

  private GatedActivation activation() {
    String key = fields.has("hidden_activation") ? "hidden_activation" : "hidden_act";
    return switch (fields.required(key).asText()) {
      case "gelu_pytorch_tanh" -> GatedActivation.GEGLU;
      case "silu" -> GatedActivation.SWIGLU;
      default -> throw fields.invalid(key, "give gelu_pytorch_tanh (GeGLU) or silu (SwiGLU)");
    };
  }

  /** Null is no cap; the key must be there, since the field's defaults differ. */
  private Softcap softcap(String key) {
    if (fields.get(key) == null) throw fields.invalid(key, "give a number, or null for no cap");
    if (!fields.has(key)) return Softcap.none();
    double cap = fields.number(key);
    if (!(cap > 0) || Double.isInfinite(cap)) {
      throw fields.invalid(key, "a cap must be finite and above 0; write null for no cap");
    }
    return Softcap.of(cap);
  }

  private int token(String key, int otherwise) {
    if (!fields.has(key)) return otherwise;
    if (!fields.get(key).isInt()) throw fields.invalid(key, "give a token's id");
    return fields.get(key).asInt();
  }

  /** One id, or a list of them; 1 where there is none, as Hugging Face's Gemma 2 has it. */
  private List<Integer> endTokens() {
    JsonNode value = fields.json().path(EndTokens.KEY);
    return EndTokens.isAbsent(value) ? List.of(1) : EndTokens.read(value, fields.where());
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
