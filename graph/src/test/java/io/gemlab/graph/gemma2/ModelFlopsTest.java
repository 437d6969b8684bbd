package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.gemma2.ModelFlops.Pass;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That whole rows are counted rightly, the exporter's test has from the programs themselves. */
class ModelFlopsTest {
  private static final Gemma2Config TINY = Gemma2Presets.config("tiny");

  @ParameterizedTest
  @EnumSource(Pass.class)
  void aBatchIsItsDocuments(Pass pass) {
    int[][] ids = new int[2][7];
    assertEquals(ModelFlops.of(TINY, pass, 2, 7), ModelFlops.of(TINY, pass, TokenBatch.of(ids)));
    int[][] documents = {{1, 1, 2, 2, 2, 0, 0}, {1, 1, 1, 1, 1, 1, 1}};
    assertEquals(
        ModelFlops.of(TINY, pass, 1, 2)
            + ModelFlops.of(TINY, pass, 1, 3)
            + ModelFlops.of(TINY, pass, 1, 7),
        ModelFlops.of(TINY, pass, new TokenBatch(ids, documents, Packing.DOCUMENTS)));
  }

  @Test
  void frozenWeightsHaveNoGradient() {
    double ofWeights =
        ModelFlops.of(TINY, Pass.FORWARD, 2, 7) - ModelFlops.ofAttention(TINY, Pass.FORWARD, 2, 7);
    assertEquals(
        ModelFlops.of(TINY, Pass.TRAINING, 2, 7) - ofWeights,
        ModelFlops.of(TINY, Pass.FROZEN_TRAINING, 2, 7));
  }
}
