package io.gemlab.graph.checkpoint;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.InvalidInput;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightNamesTest {
  private static WeightNames.Builder golden4Layers() {
    return WeightNames.builder()
        .vocabSize(512)
        .hiddenSize(64)
        .intermediateSize(128)
        .numHiddenLayers(4)
        .numAttentionHeads(4)
        .numKeyValueHeads(2)
        .headDim(32);
  }

  /** Gemma 2 report, table 1, with the vocabulary of the published checkpoints. */
  @ParameterizedTest
  @CsvSource({
    "2304, 26,  8,  4, 256,  9216, 2614341888",
    "3584, 42, 16,  8, 256, 14336, 9241705984",
    "4608, 46, 32, 16, 128, 36864, 27227128320"
  })
  void thePublishedSizesHaveThePublishedParameters(
      int hidden, int layers, int heads, int kvHeads, int headDim, int intermediate, long count) {
    WeightNames names =
        WeightNames.builder()
            .vocabSize(256_000)
            .hiddenSize(hidden)
            .intermediateSize(intermediate)
            .numHiddenLayers(layers)
            .numAttentionHeads(heads)
            .numKeyValueHeads(kvHeads)
            .headDim(headDim)
            .build();
    assertEquals(count, names.parameters());
    assertEquals(11 * layers + 2, names.shapes().size());
  }

  @Test
  void aCheckpointOfHuggingFaceHasExactlyThese() {
    for (String name : List.of("ckpt_f32", "ckpt_f32_sharded", "ckpt_bf16", "ckpt_nosoftcap")) {
      try (HfCheckpoint checkpoint = HfCheckpoint.open(golden(name))) {
        assertDoesNotThrow(() -> golden4Layers().build().requireIn(checkpoint));
      }
    }
  }

  @Test
  void matricesAreStoredOutIn() {
    WeightNames names = golden4Layers().build();
    assertEquals(List.of(128L, 64L), names.shapes().get("model.layers.3.self_attn.q_proj.weight"));
    assertEquals(List.of(64L, 64L), names.shapes().get("model.layers.3.self_attn.k_proj.weight"));
    assertEquals(List.of(64L, 128L), names.shapes().get("model.layers.3.self_attn.o_proj.weight"));
    assertEquals(List.of(64L, 128L), names.shapes().get("model.layers.0.mlp.down_proj.weight"));
  }

  @Test
  void switchesAddAndRemoveNorms() {
    WeightNames qkNorm = golden4Layers().withQkNorm().build();
    assertEquals(List.of(32L), qkNorm.shapes().get("model.layers.0.self_attn.q_norm.weight"));
    assertEquals(List.of(32L), qkNorm.shapes().get("model.layers.3.self_attn.k_norm.weight"));
    assertEquals(54, qkNorm.shapes().size());
    WeightNames preOnly = golden4Layers().withoutPostNorms().build();
    assertFalse(preOnly.shapes().containsKey("model.layers.0.post_attention_layernorm.weight"));
    assertEquals(38, preOnly.shapes().size());
    WeightNames postOnly = golden4Layers().withoutPreNorms().build();
    assertFalse(postOnly.shapes().containsKey("model.layers.0.input_layernorm.weight"));
    assertEquals(38, postOnly.shapes().size());
  }

  @Test
  void saysWhatIsMissingUnexpectedAndOfAnotherShape() {
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
          assertThrows(
                  InvalidInput.class,
                  () ->
                      golden4Layers()
                          .vocabSize(500)
                          .withQkNorm()
                          .withoutPostNorms()
                          .build()
                          .requireIn(checkpoint))
              .getMessage());
    }
  }

  @Test
  void aSizeThatWasForgottenIsNamed() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> golden4Layers().headDim(0).build());
    assertEquals("head_dim is 0: give a positive number", e.getMessage());
  }
}
