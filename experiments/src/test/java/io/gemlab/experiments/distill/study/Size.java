package io.gemlab.experiments.distill.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.ModelFlops.Pass;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;

/**
 * Students, which the teacher is as many times as large as that of Gemma 2's report is: 35, 17.5
 * and 7 times.
 */
enum Size {
  SMALL(28),
  MIDDLE(40),
  LARGE(64);

  private static final String PRESET = "tiny";

  private final ObjectNode changes;

  Size(int hidden) {
    ObjectNode keys = Gemma2Presets.json(PRESET).objectNode();
    keys.put("hidden_size", hidden)
        .put("intermediate_size", 4 * hidden)
        .put("num_hidden_layers", 2)
        .put("num_attention_heads", 2)
        .put("num_key_value_heads", 1)
        .put("head_dim", hidden / 2)
        .put("query_pre_attn_scalar", hidden / 2);
    this.changes = keys;
  }

  /** What a recipe with the preset {@code tiny} changes of its config. */
  String changes() {
    return changes.toString();
  }

  Gemma2Config config() {
    ObjectNode json = Gemma2Presets.json(PRESET);
    ConfigJson.change(json, changes, name());
    return ConfigJson.read(json, name());
  }

  long parameters() {
    return WeightSpec.parameters(config());
  }

  /** How many times its parameters the teacher has. */
  double teachersRatio() {
    return (double) WeightSpec.parameters(Gemma2Presets.config(PRESET)) / parameters();
  }

  /** FLOPs of a pass over a token of a row, by the student. */
  double flops(Pass pass, int length) {
    return ModelFlops.of(config(), pass, 1, length) / length;
  }

  /** FLOPs that the teacher takes to score a token of a row. */
  static double teachersFlops(int length) {
    return ModelFlops.of(Gemma2Presets.config(PRESET), Pass.FORWARD, 1, length) / length;
  }

  /** As a table calls it. */
  String label() {
    return Math.round(parameters() / 1000.0) + " k";
  }
}
