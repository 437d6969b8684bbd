package io.gemlab.tpu.hlo.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.tpu.hlo.Exports;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.export.HloExporter;
import java.util.List;
import org.junit.jupiter.api.Test;

class HloDiffTest {
  private static final int LENGTH = 32;

  @Test
  void aProgramHasNothingMoreThanItself() {
    HloModule module = forward("50.0");
    HloDiff diff = HloDiff.of(module, module, Chip.V5P);
    assertTrue(diff.parts().containsKey(ModelPart.MLP));
    diff.parts()
        .forEach(
            (part, both) -> {
              assertEquals(List.of(), both.onlyFirst());
              assertEquals(List.of(), both.onlySecond());
              assertEquals(both.first(), both.second());
            });
  }

  /** In each layer: a division by the cap, a tanh and a product with the cap, of all scores. */
  @Test
  void theSoftcapIsWhatACappedAttentionHasMore() {
    HloDiff diff = HloDiff.of(forward("50.0"), forward("null"), Chip.V5P);
    diff.parts()
        .forEach(
            (part, both) -> {
              if (part == ModelPart.ATTENTION) return;
              assertEquals(List.of(), both.onlyFirst(), part.label());
              assertEquals(List.of(), both.onlySecond(), part.label());
            });
    HloDiff.Part attention = diff.parts().get(ModelPart.ATTENTION);
    Gemma2Config config = Gemma2Presets.config("tiny");
    double scores = (double) config.numAttentionHeads() * LENGTH * LENGTH;
    HloDiff.Difference tanh =
        attention.onlyFirst().stream()
            .filter(difference -> difference.kind().equals("tanh"))
            .findFirst()
            .orElseThrow();
    assertEquals(config.numHiddenLayers(), tanh.times());
    assertEquals(config.numHiddenLayers() * scores, tanh.cost().transcendentals());
    assertTrue(tanh.path().startsWith("model/layers.#/self_attn/eager/"), tanh.path());
    assertEquals(
        2 * config.numHiddenLayers() * scores,
        attention.first().flops() - attention.second().flops());
  }

  private static HloModule forward(String softcap) {
    ObjectNode json = Gemma2Presets.json("tiny");
    if (softcap.equals("null")) json.putNull("attn_logit_softcapping");
    Gemma2Config config = ConfigJson.read(json, "tiny");
    return HloExporter.export(Exports.forward(config, new EagerAttention(), 1, LENGTH));
  }
}
