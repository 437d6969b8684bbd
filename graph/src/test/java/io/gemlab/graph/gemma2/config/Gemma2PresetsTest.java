package io.gemlab.graph.gemma2.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.embedding.TiedEmbedding;
import io.gemlab.ops.matrix.DenseMatrix;
import io.gemlab.ops.mlp.GatedActivation;
import io.gemlab.ops.position.Rope;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** What is published of each size, pinned without weights. */
class Gemma2PresetsTest {
  static final List<String> GEMMA2 =
      Gemma2Presets.NAMES.stream().filter(name -> !name.startsWith("gemma3")).toList();

  /** Gemma 2 report, table 1; vocabulary and scalars as in Hugging Face's configurations. */
  @ParameterizedTest
  @CsvSource({
    "gemma2-2b,  2304, 26,  8,  4, 256,  9216, 256, 2614341888,  2024517888",
    "gemma2-9b,  3584, 42, 16,  8, 256, 14336, 256, 9241705984,  8324201984",
    "gemma2-27b, 4608, 46, 32, 16, 128, 36864, 144, 27227128320, 26047480320"
  })
  void thePublishedSizes(
      String name,
      int hidden,
      int layers,
      int heads,
      int kvHeads,
      int headDim,
      int intermediate,
      double queryPreAttnScalar,
      long parameters,
      long nonEmbedding) {
    Gemma2Config config = Gemma2Presets.config(name);
    assertEquals(hidden, config.hiddenSize());
    assertEquals(layers, config.numHiddenLayers());
    assertEquals(heads, config.numAttentionHeads());
    assertEquals(kvHeads, config.numKeyValueHeads());
    assertEquals(headDim, config.headDim());
    assertEquals(intermediate, config.intermediateSize());
    assertEquals(queryPreAttnScalar, config.queryPreAttnScalar());
    assertEquals(256_000, config.vocabSize());
    assertEquals(4096, config.slidingWindow());
    assertEquals(8192, config.maxPositionEmbeddings());
    assertEquals(parameters, WeightSpec.parameters(config));
    assertEquals(nonEmbedding, parameters - 256_000L * hidden);
  }

  /** FACTS.md, section 1: the scale is rounded to the type computed in. */
  @ParameterizedTest
  @CsvSource({
    "gemma2-2b,  48,    48",
    "gemma2-9b,  59.75, 59.86652",
    "gemma2-27b, 68,    67.88225"
  })
  void embeddingsAreScaledByTheRootOfTheWidthAsRounded(
      String name, float inBfloat16, float inFloat32) {
    double scale = Gemma2Presets.config(name).embeddingScale();
    assertEquals(inBfloat16, scaledOne(TBfloat16.class, scale));
    assertEquals(inFloat32, scaledOne(TFloat32.class, scale));
  }

  /** The embedding of a token whose row of the table is 1. */
  private static <T extends TFloating> float scaledOne(Class<T> type, double scale) {
    try (Trace trace = new Trace("embedding")) {
      Ops tf = trace.ops();
      Operand<T> table_11 = tf.reshape(Scalars.of(tf, type, 1), tf.constant(new int[] {1, 1}));
      Operand<TInt32> ids_11 = trace.argument("ids", TInt32.class, TensorShape.of(1, 1));
      Operand<T> scaled =
          new TiedEmbedding<>(new DenseMatrix(table_11), type).lookup(tf, ids_11, scale);
      trace.result("scaled", Scalars.toFloat32(tf, scaled));
      try (Executable executable = new EagerPath().load(List.of(trace.finish()));
          Results results =
              executable.run("embedding", Map.of("ids", HostTensor.of(new int[][] {{0}})))) {
        return results.get("scaled").item();
      }
    }
  }

  @ParameterizedTest
  @FieldSource("GEMMA2")
  void theFirstLayerSlidesAndTheyAlternate(String name) {
    Gemma2Config config = Gemma2Presets.config(name);
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      LayerType expected = i % 2 == 0 ? LayerType.SLIDING_ATTENTION : LayerType.FULL_ATTENTION;
      assertEquals(expected, config.layerTypes().get(i));
      assertEquals(
          i % 2 == 0 ? OptionalInt.of(config.slidingWindow()) : OptionalInt.empty(),
          config.attention(i).window());
      assertEquals(1 / Math.sqrt(config.queryPreAttnScalar()), config.attention(i).scale(), 1e-15);
    }
  }

  @ParameterizedTest
  @FieldSource("GEMMA2")
  void everySizeIsBuiltAsGemma2(String name) {
    Gemma2Config config = Gemma2Presets.config(name);
    assertEquals(50, config.attnLogitSoftcapping().cap().orElseThrow());
    assertEquals(30, config.finalLogitSoftcapping().cap().orElseThrow());
    assertEquals(LayerRopes.same(Rope.of(10_000)), config.ropes());
    assertEquals(1e-6, config.rmsNormEps());
    assertEquals(GatedActivation.GEGLU, config.hiddenActivation());
    assertEquals(NormPlacement.BOTH, config.norms());
    assertFalse(config.qkNorm());
    assertEquals(new Gemma2Config.SpecialTokens(2, List.of(1), 0), config.tokens());
    assertEquals(11 * config.numHiddenLayers() + 2, WeightSpec.of(config).size());
  }

  /**
   * As published: 168 million parameters of the embedding and 100 million of the layers, and what
   * {@code config.json} says.
   */
  @Test
  void gemma3IsBuiltAsPublished() {
    Gemma2Config config = Gemma2Presets.config("gemma3-270m");
    assertEquals(268_098_176, WeightSpec.parameters(config));
    assertEquals(262_144L * 640, WeightSpec.parameters(config) - 100_326_016);
    assertEquals(13 * 18 + 2, WeightSpec.of(config).size());
    for (int layer = 0; layer < 18; layer++) {
      boolean global = layer % 6 == 5;
      assertEquals(Rope.of(global ? 1_000_000 : 10_000), config.rope(layer));
      assertEquals(
          global ? OptionalInt.empty() : OptionalInt.of(512), config.attention(layer).window());
      assertEquals(1 / 16.0, config.attention(layer).scale());
    }
    assertEquals(Softcap.none(), config.attnLogitSoftcapping());
    assertEquals(Softcap.none(), config.finalLogitSoftcapping());
    assertTrue(config.qkNorm());
    assertEquals(32_768, config.maxPositionEmbeddings());
    assertEquals(25.25f, scaledOne(TBfloat16.class, config.embeddingScale()));
  }

  /** V d + L (d H h + 2 d K h + H h d + 3 d f + 4 d) + d. */
  @ParameterizedTest
  @CsvSource({
    "ablation, 512, 8, 8, 4, 64, 2048, 32000, 256, 64, 47858176",
    "layer2b, 2304, 1, 8, 4, 256, 9216, 256, 4096, 256, 78458112",
    "tiny,     128, 4, 4, 2, 32,  512,   260,  64, 32,  1018496"
  })
  void theSmallSizes(
      String name,
      int hidden,
      int layers,
      int heads,
      int kvHeads,
      int headDim,
      int intermediate,
      int vocabulary,
      int window,
      double queryPreAttnScalar,
      long parameters) {
    Gemma2Config config = Gemma2Presets.config(name);
    assertEquals(hidden, config.hiddenSize());
    assertEquals(layers, config.numHiddenLayers());
    assertEquals(heads, config.numAttentionHeads());
    assertEquals(kvHeads, config.numKeyValueHeads());
    assertEquals(headDim, config.headDim());
    assertEquals(intermediate, config.intermediateSize());
    assertEquals(vocabulary, config.vocabSize());
    assertEquals(window, config.slidingWindow());
    assertEquals(queryPreAttnScalar, config.queryPreAttnScalar());
    assertEquals(parameters, WeightSpec.parameters(config));
  }

  @Test
  void anUnknownNameIsToldTheKnownOnes() {
    assertEquals(
        "preset \"gemma2-7b\" is not known; did you mean gemma2-2b? there is gemma2-2b, gemma2-9b,"
            + " gemma2-27b, gemma3-270m, ablation, tiny, layer2b",
        assertThrows(InvalidInput.class, () -> Gemma2Presets.config("gemma2-7b")).getMessage());
  }
}
