package io.gemlab.experiments.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.conformance.ReferenceModel.Sight;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.gemma2.config.ConfigJson;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;

/** What a runtime may make of a checkpoint: what it asks for, or a mistake seen in the field. */
enum Behaviour {
  CONFORMS("what the checkpoint asks", config -> {}),
  ATTENTION_SOFTCAP_DROPPED(
      "the attention's softcap dropped", config -> config.putNull("attn_logit_softcapping")),
  FINAL_SOFTCAP_DROPPED(
      "the logits' softcap dropped", config -> config.putNull("final_logit_softcapping")),
  WINDOW_IGNORED("the sliding window ignored", config -> layers(config, "all_global")),
  LAYERS_SWAPPED("sliding and global layers swapped", Behaviour::swapLayers),
  QUERY_SCALE_FROM_HEAD_DIM(
      "queries scaled by head_dim instead of query_pre_attn_scalar",
      config -> config.set("query_pre_attn_scalar", config.get("head_dim"))),
  QK_NORM_DROPPED("queries and keys not normalised", config -> config.put("qk_norm", false)),
  ONE_ROTARY_BASE(
      "the rotary base of global layers used in all",
      config -> config.set("rope_local_base_freq", config.get("rope_theta"))),
  ROTARY_BASES_SWAPPED(
      "rotary bases of sliding and global layers swapped", Behaviour::swapRotaryBases),
  PADDING_ATTENDED("padding attended to", config -> {}) {
    @Override
    TokenBatch batch(TokenBatch batch) {
      return TokenBatch.of(batch.inputIds());
    }
  },
  ONLY_CAUSALITY_KEPT("window and padding both ignored", config -> layers(config, "all_global")) {
    @Override
    TokenBatch batch(TokenBatch batch) {
      return PADDING_ATTENDED.batch(batch);
    }
  },
  MASK_LOST("the attention's mask lost", config -> {}) {
    @Override
    Sight sight() {
      return Sight.EVERYTHING;
    }
  };

  private final String words;
  private final Consumer<ObjectNode> change;

  Behaviour(String words, Consumer<ObjectNode> change) {
    this.words = words;
    this.change = change;
  }

  /** For people. */
  String words() {
    return words;
  }

  /** The name in files: {@code window_ignored}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The logits that it gives for a probe. */
  Logits logits(Probe probe) {
    ObjectNode config = ConfigJson.write(probe.config());
    change.accept(config);
    ReferenceModel model =
        new ReferenceModel(ConfigJson.read(config, label()), probe.weights()::values, sight());
    return Logits.atTokens(model.logits(batch(probe.batch())), probe.batch());
  }

  TokenBatch batch(TokenBatch batch) {
    return batch;
  }

  Sight sight() {
    return Sight.MASKED;
  }

  private static void layers(ObjectNode config, String pattern) {
    config.remove("layer_types");
    config.put("layer_pattern", pattern);
  }

  private static void swapRotaryBases(ObjectNode config) {
    if (!config.has("rope_local_base_freq")) return;
    JsonNode global = config.get("rope_theta");
    config.set("rope_theta", config.get("rope_local_base_freq"));
    config.set("rope_local_base_freq", global);
  }

  private static void swapLayers(ObjectNode config) {
    String[] types = {"full_attention", "sliding_attention"};
    config.remove("layer_types");
    Arrays.stream(types).forEach(config.withArray("layer_types")::add);
  }
}
