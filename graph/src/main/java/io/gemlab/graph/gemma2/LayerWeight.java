package io.gemlab.graph.gemma2;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A weight that every decoder layer has, or may have, spelled as Hugging Face spells it. */
public enum LayerWeight {
  INPUT_LAYERNORM("input_layernorm"),
  Q_PROJ("self_attn.q_proj"),
  K_PROJ("self_attn.k_proj"),
  V_PROJ("self_attn.v_proj"),
  O_PROJ("self_attn.o_proj"),
  /** QK-norm, which Gemma 2 has not: named as in Gemma 3. */
  Q_NORM("self_attn.q_norm"),
  K_NORM("self_attn.k_norm"),
  POST_ATTENTION_LAYERNORM("post_attention_layernorm"),
  PRE_FEEDFORWARD_LAYERNORM("pre_feedforward_layernorm"),
  GATE_PROJ("mlp.gate_proj"),
  UP_PROJ("mlp.up_proj"),
  DOWN_PROJ("mlp.down_proj"),
  POST_FEEDFORWARD_LAYERNORM("post_feedforward_layernorm");

  /** A weight of a layer, or a {@link StateWeight} stack of it over layers. */
  private static final Pattern NAME = Pattern.compile("model\\.layers\\.[^.]+\\.(.+)\\.weight");

  private final String path;

  LayerWeight(String path) {
    this.path = path;
  }

  /** What it does. */
  public WeightKind kind() {
    return switch (this) {
      case Q_PROJ, K_PROJ, V_PROJ, O_PROJ -> WeightKind.ATTENTION;
      case GATE_PROJ, UP_PROJ, DOWN_PROJ -> WeightKind.MLP;
      case INPUT_LAYERNORM,
          Q_NORM,
          K_NORM,
          POST_ATTENTION_LAYERNORM,
          PRE_FEEDFORWARD_LAYERNORM,
          POST_FEEDFORWARD_LAYERNORM ->
          WeightKind.NORM;
    };
  }

  /** Its module's name within the layer, such as {@code self_attn.q_proj}. */
  String module() {
    return path;
  }

  /** Which of a layer's weights, or of its stacks, a name means; empty where it means another. */
  public static Optional<LayerWeight> named(String name) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) return Optional.empty();
    return Stream.of(values()).filter(weight -> weight.path.equals(parts.group(1))).findFirst();
  }

  /** Its name in a checkpoint, such as {@code model.layers.3.self_attn.q_proj.weight}. */
  public String in(int layer) {
    return "model.layers." + layer + "." + path + ".weight";
  }
}
