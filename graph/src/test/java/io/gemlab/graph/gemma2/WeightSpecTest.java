package io.gemlab.graph.gemma2;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.config.ConfigJson;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightSpecTest {
  private static ObjectNode golden4Layers() {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(golden("ckpt_f32"))) {
      return checkpoint.files().config();
    }
  }

  private static Map<String, TensorShape> shapes(ObjectNode json) {
    return WeightSpec.shapes(ConfigJson.read(json, "test"));
  }

  @Test
  void aCheckpointOfHuggingFaceHasExactlyThese() {
    for (String name : List.of("ckpt_f32", "ckpt_f32_sharded", "ckpt_bf16", "ckpt_nosoftcap")) {
      try (HfCheckpoint checkpoint = HfCheckpoint.open(golden(name))) {
        assertDoesNotThrow(() -> checkpoint.requireExactly(shapes(golden4Layers())), name);
      }
    }
  }

  @Test
  void matricesAreStoredOutIn() {
    Map<String, TensorShape> shapes = shapes(golden4Layers());
    assertEquals(TensorShape.of(128, 64), shapes.get("model.layers.3.self_attn.q_proj.weight"));
    assertEquals(TensorShape.of(64, 64), shapes.get("model.layers.3.self_attn.k_proj.weight"));
    assertEquals(TensorShape.of(64, 128), shapes.get("model.layers.3.self_attn.o_proj.weight"));
    assertEquals(TensorShape.of(64, 128), shapes.get("model.layers.0.mlp.down_proj.weight"));
  }

  @Test
  void switchesAddAndRemoveNorms() {
    Map<String, TensorShape> qkNorm = shapes(golden4Layers().put("qk_norm", true));
    assertEquals(TensorShape.of(32), qkNorm.get("model.layers.0.self_attn.q_norm.weight"));
    assertEquals(TensorShape.of(32), qkNorm.get("model.layers.3.self_attn.k_norm.weight"));
    assertEquals(54, qkNorm.size());
    Map<String, TensorShape> preOnly = shapes(golden4Layers().put("norms", "pre"));
    assertFalse(preOnly.containsKey("model.layers.0.post_attention_layernorm.weight"));
    assertEquals(38, preOnly.size());
    Map<String, TensorShape> postOnly = shapes(golden4Layers().put("norms", "post"));
    assertFalse(postOnly.containsKey("model.layers.0.input_layernorm.weight"));
    assertEquals(38, postOnly.size());
  }

  @Test
  void aCheckpointSaysWhatIsMissingUnexpectedAndOfAnotherShape() {
    Map<String, TensorShape> others =
        shapes(golden4Layers().put("vocab_size", 500).put("qk_norm", true).put("norms", "pre"));
    try (HfCheckpoint checkpoint = HfCheckpoint.open(golden("ckpt_f32"))) {
      assertEquals(
          golden("ckpt_f32")
              + " does not hold the weights that its configuration asks for:"
              + " 8 missing (model.layers.0.self_attn.q_norm.weight,"
              + " model.layers.0.self_attn.k_norm.weight,"
              + " model.layers.1.self_attn.q_norm.weight, ...);"
              + " 1 of another shape (model.embed_tokens.weight [512, 64] instead of [500, 64]);"
              + " 8 unexpected (model.layers.0.post_attention_layernorm.weight,"
              + " model.layers.0.post_feedforward_layernorm.weight,"
              + " model.layers.1.post_attention_layernorm.weight, ...); check config.json",
          assertThrows(InvalidInput.class, () -> checkpoint.requireExactly(others)).getMessage());
    }
  }
}
