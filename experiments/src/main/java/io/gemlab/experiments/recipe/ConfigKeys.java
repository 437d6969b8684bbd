package io.gemlab.experiments.recipe;

import io.gemlab.graph.gemma2.config.LayerType;
import io.gemlab.graph.gemma2.config.NormPlacement;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The keys of a model's config that recipes may change: what {@link
 * io.gemlab.graph.gemma2.config.ConfigJson#change} takes.
 */
public final class ConfigKeys {
  /** The field's short names for keys that ablations vary most. */
  public static final Map<String, String> SHORT =
      Map.of(
          "attn_logit_softcapping", "cap",
          "final_logit_softcapping", "final cap",
          "qk_norm", "QK-norm");

  /** All of them. */
  public static final List<Key<?>> KEYS =
      List.of(
          size("vocab_size", "tokens", "Tokens that there are, no fewer than the tokenizer's."),
          size("hidden_size", "", "Numbers of a token between layers."),
          size("intermediate_size", "", "Numbers of a token within the feed-forward part."),
          size("num_hidden_layers", "layers", "Layers."),
          size("num_attention_heads", "heads", "Heads of queries."),
          size(
              "num_key_value_heads",
              "heads",
              "Heads of keys and values, each of the same number" + " of query heads."),
          size("head_dim", "", "Numbers of a head, even."),
          Key.of(
              "layer_pattern",
              Kind.TEXT,
              new Values.OneOf(
                  List.of("alternate", "all_global", "all_sliding"), "^[1-9][0-9]{0,2}:1$"),
              "Which layers see the window only: `N:1` is N of them, then one that sees all."),
          Key.of(
              "layer_types",
              Kind.TEXTS,
              new Values.OneOf(Stream.of(LayerType.values()).map(LayerType::label).toList(), ""),
              "The same layer by layer, instead of `layer_pattern`."),
          size(
              "sliding_window",
              "tokens",
              "Tokens that a token of a sliding layer sees, itself among them."),
          Key.of(
              "query_pre_attn_scalar",
              Kind.NUMBER,
              Values.POSITIVE,
              "Queries are multiplied by one over its root."),
          Key.of(
                  "attn_logit_softcapping",
                  Kind.NUMBER,
                  Values.POSITIVE,
                  "The cap of attention's logits; in `grid` also `cap`.")
              .orNull(),
          Key.of(
                  "final_logit_softcapping",
                  Kind.NUMBER,
                  Values.POSITIVE,
                  "The cap of the model's logits.")
              .orNull(),
          Key.of(
              "rope_theta",
              Kind.NUMBER,
              Values.POSITIVE,
              "The base of the rotary embedding's wavelengths; of global layers alone where"
                  + " `rope_local_base_freq` is given."),
          Key.of(
                  "rope_local_base_freq",
                  Kind.NUMBER,
                  Values.POSITIVE,
                  "That base for sliding layers, 10000 in Gemma 3.")
              .orNull(),
          Key.of(
                  "rope_scaling",
                  Kind.MAPPING,
                  Values.ANY,
                  "What global layers' positions are divided by, as in `{rope_type: linear, factor:"
                      + " 8}`; only where `rope_local_base_freq` is given.")
              .orNull(),
          Key.of(
              "rms_norm_eps",
              Kind.NUMBER,
              Values.POSITIVE,
              "Added to the mean of squares that norms divide by."),
          size("max_position_embeddings", "tokens", "The longest sequence that is meant."),
          Key.of(
              "hidden_activation",
              Kind.TEXT,
              new Values.OneOf(List.of("gelu_pytorch_tanh", "silu"), ""),
              "The activation that gates the feed-forward part."),
          Key.of(
              "norms",
              Kind.TEXT,
              new Values.OneOf(
                  Stream.of(NormPlacement.values()).map(NormPlacement::label).toList(), ""),
              "Where a layer has norms: before its parts, after them, or both."),
          Key.of("qk_norm", Kind.FLAG, Values.ANY, "Whether queries and keys are normalized."));

  private ConfigKeys() {}

  private static Key<Integer> size(String name, String unit, String meaning) {
    return Key.of(name, Kind.INTEGER, Values.atLeast(1), unit, meaning);
  }
}
