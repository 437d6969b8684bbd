package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.InvalidInput;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** What is published of each size, pinned without weights. */
class Gemma2PresetsTest {
  static final java.util.List<String> NAMES = Gemma2Presets.NAMES;

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
    assertEquals(50, config.attnLogitSoftcapping().cap().orElseThrow());
    assertEquals(30, config.finalLogitSoftcapping().cap().orElseThrow());
    assertEquals(10_000, config.ropeTheta());
    assertEquals(1e-6, config.rmsNormEps());
    assertEquals(parameters, WeightSpec.parameters(config));
    assertEquals(nonEmbedding, parameters - 256_000L * hidden);
    assertEquals(11 * layers + 2, WeightSpec.of(config).size());
  }

  /** The scale is rounded to the type computed in; FACTS.md gives it in bfloat16. */
  @ParameterizedTest
  @CsvSource({"gemma2-2b, 48", "gemma2-9b, 59.75", "gemma2-27b, 68"})
  void embeddingsAreScaledByTheRoundedRootOfTheWidth(String name, float scale) {
    float root = (float) Gemma2Presets.config(name).embeddingScale();
    int bits = Float.floatToIntBits(root);
    float rounded = Float.intBitsToFloat((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000);
    assertEquals(scale, rounded);
  }

  @ParameterizedTest
  @FieldSource("NAMES")
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

  @Test
  void theSmallSizes() {
    assertEquals(47_858_176, WeightSpec.parameters(Gemma2Presets.config("ablation")));
    long tiny = WeightSpec.parameters(Gemma2Presets.config("tiny"));
    assertEquals(1.0e6, tiny, 0.1e6);
  }

  @Test
  void anUnknownNameIsToldTheKnownOnes() {
    assertEquals(
        "preset \"gemma2-7b\" is not known; did you mean gemma2-2b? there is gemma2-2b, gemma2-9b, gemma2-27b, ablation, tiny",
        assertThrows(InvalidInput.class, () -> Gemma2Presets.config("gemma2-7b")).getMessage());
  }
}
