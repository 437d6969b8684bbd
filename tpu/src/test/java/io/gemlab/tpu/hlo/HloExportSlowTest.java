package io.gemlab.tpu.hlo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.tpu.hlo.cost.HloCost;
import io.gemlab.tpu.hlo.cost.MatrixFlops;
import io.gemlab.tpu.hlo.export.HloExporter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Exports of the published sizes at 8192 tokens, on a machine that could not hold their weights.
 */
@Tag("slow")
class HloExportSlowTest {
  private static final int LENGTH = 8192;

  /** Parameters as published; FLOPs a trained token: docs of FLOPs, causal and window counted. */
  @ParameterizedTest
  @CsvSource({
    "gemma2-2b,  2614341888,  1.80e10, 0.127",
    "gemma2-9b,  9241705984,  6.29e10, 0.118",
    "gemma2-27b, 27227128320, 1.72e11, 0.047"
  })
  void parametersAndFlopsAreThePublished(
      String preset, long parameters, double flopsPerToken, double attentionShare) {
    Gemma2Config config = Gemma2Presets.config(preset);
    HloModule step = HloExporter.export(Exports.trainStep(config, new EagerAttention(), 1, LENGTH));
    HloModule forward =
        HloExporter.export(Exports.forward(config, new EagerAttention(), 1, LENGTH));

    assertEquals(3 * 4 * parameters + 4 + 3 * 4 * LENGTH, HloCost.of(step).parameterBytes());
    assertEquals(2 * parameters + 2 * 4 * LENGTH, HloCost.of(forward).parameterBytes());

    MatrixFlops flops = MatrixFlops.of(step);
    double trained = flops.ofModel(config, ModelFlops.Pass.TRAINING, 1, LENGTH);
    assertEquals(flopsPerToken, trained / LENGTH, 0.02 * flopsPerToken);
    double attention = trained - (flops.executed() - flops.recomputed() - flops.attention());
    assertEquals(attentionShare, attention / trained, 0.001);
    double run = MatrixFlops.of(forward).ofModel(config, ModelFlops.Pass.FORWARD, 1, LENGTH);
    assertEquals(trained / 3, run, 1e-6 * run);
  }

  /** Scanned, the largest is under 2 MB of program, and its state and its products are the same. */
  @Test
  void scanned27bIsSmall() {
    Gemma2Config config = Gemma2Presets.config("gemma2-27b");
    HloModule step =
        HloExporter.export(
            Exports.trainStep(
                config,
                BlockwiseAttention.auto(),
                1,
                LENGTH,
                new Depth(Depth.Layers.SCANNED, Depth.Remat.LAYER)));
    assertTrue(step.toByteArray().length < 2_000_000, step.toByteArray().length + " bytes");
    assertEquals(3 * 4 * 27_227_128_320L + 4 + 3 * 4 * LENGTH, HloCost.of(step).parameterBytes());
  }
}
