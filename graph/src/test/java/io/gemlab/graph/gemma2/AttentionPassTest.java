package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;

/** Statistics of each layer's scores, whatever attention and depth the model runs. */
class AttentionPassTest {
  private static final int LENGTH = 150;

  private static Gemma2Config config(boolean capped) {
    return config(capped, 4);
  }

  private static Gemma2Config config(boolean capped, int layers) {
    return ConfigJson.read(
        Gemma2Presets.json("tiny")
            .put("hidden_size", 32)
            .put("intermediate_size", 64)
            .put("num_hidden_layers", layers)
            .put("head_dim", 16)
            .put("sliding_window", 16)
            .put("attn_logit_softcapping", capped ? 0.5 : null),
        "small");
  }

  private record Seen(float[] largest, float[] nearCap) {}

  private static Seen run(
      ExecutionPath path, Gemma2Config config, Attention attention, Depth depth) {
    Gemma2Model<TFloat32> model =
        new Gemma2Model<>(config, OpChoice.of(attention), TFloat32.class, depth);
    Parameters parameters = Parameters.trained(model);
    GraphFunction pass =
        new AttentionPass<>(model, parameters, 2, LENGTH, Packing.NONE).trace("pass");
    try (Executable executable = path.load(List.of(pass))) {
      ModelWeights.initialize(parameters, 1, 0.3, executable);
      TokenBatch tokens = TokenBatch.random(1, 2, LENGTH, config.vocabSize());
      try (Results results = executable.run("pass", tokens.arguments())) {
        boolean capped = results.tensors().containsKey(AttentionPass.NEAR_CAP);
        return new Seen(
            results.get(AttentionPass.LARGEST).floats(),
            capped ? results.get(AttentionPass.NEAR_CAP).floats() : new float[0]);
      }
    }
  }

  @Test
  void everyAttentionPathAndDepthSeesTheSame() {
    Seen expected = run(new GraphPath(), config(true), new EagerAttention(), Depth.PLAIN);
    assertEquals(4, expected.largest().length);
    for (int layer = 0; layer < 4; layer++) {
      assertTrue(expected.largest()[layer] > 0.45, Arrays.toString(expected.largest()));
      float share = expected.nearCap()[layer];
      assertTrue(share > 0 && share < 1, Arrays.toString(expected.nearCap()));
    }
    Depth scanned = new Depth(Depth.Layers.SCANNED, Depth.Remat.LAYER);
    for (Seen seen :
        List.of(
            run(new GraphPath(), config(true), BlockwiseAttention.auto(), Depth.PLAIN),
            run(new FusedPath(), config(true), new EagerAttention(), Depth.PLAIN),
            run(new GraphPath(), config(true), new EagerAttention(), scanned))) {
      for (int layer = 0; layer < 4; layer++) {
        assertEquals(expected.largest()[layer], seen.largest()[layer], 1e-4);
        assertEquals(expected.nearCap()[layer], seen.nearCap()[layer], 1e-3);
      }
    }
  }

  /** Of a model with a layer of each kind every stack holds one. */
  @Test
  void aStackMayHoldOneLayer() {
    Depth scanned = new Depth(Depth.Layers.SCANNED, Depth.Remat.LAYER);
    Gemma2Config config = config(true, 2);
    Seen expected = run(new GraphPath(), config, new EagerAttention(), Depth.PLAIN);
    Seen seen = run(new GraphPath(), config, new EagerAttention(), scanned);
    assertArrayEquals(expected.largest(), seen.largest(), 1e-4f);
    assertArrayEquals(expected.nearCap(), seen.nearCap(), 1e-3f);
  }

  @Test
  void withoutACapNothingIsNearIt() {
    Seen seen = run(new GraphPath(), config(false), new EagerAttention(), Depth.PLAIN);
    assertEquals(4, seen.largest().length);
    assertEquals(0, seen.nearCap().length);
  }
}
