package io.gemlab.graph.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BucketsTest {
  private static final CacheLayout LARGE =
      new CacheLayout(Gemma2Presets.config("gemma2-2b"), 1, 8192, ElementType.BF16);
  private static final CacheLayout RING_OF_8 =
      new CacheLayout(Golden.config("ckpt_f32"), 1, 64, ElementType.F32);

  @Test
  void chunksArePowersOfTwoWithLittlePaddingInTheFirst() {
    for (int tokens = 1; tokens <= 2000; tokens++) {
      List<Integer> chunks = Buckets.chunks(LARGE, tokens);
      for (int chunk : chunks) {
        assertEquals(chunk, Integer.highestOneBit(chunk));
        assertTrue(chunk >= 16 && chunk <= 512, chunks::toString);
      }
      int first = chunks.getFirst();
      int padding = chunks.stream().mapToInt(chunk -> chunk).sum() - tokens;
      assertTrue(padding >= 0 && padding < first, chunks::toString);
      assertTrue(padding <= first / 4 || first <= 32, tokens + " in " + chunks);
    }
    assertEquals(List.of(512), Buckets.chunks(LARGE, 400));
    assertEquals(List.of(64, 256), Buckets.chunks(LARGE, 310));
    assertEquals(List.of(16, 512, 512), Buckets.chunks(LARGE, 1025));
  }

  @Test
  void aChunkMayBeLongerThanARingAndNotThanTheCache() {
    assertEquals(List.of(16), Buckets.chunks(RING_OF_8, 13));
    assertEquals(List.of(64, 64), Buckets.chunks(RING_OF_8, 120));
    assertEquals(List.of(16, 1, 1, 1), Buckets.exactChunks(RING_OF_8, 19));
  }

  /** Eight rows of 512 tokens with 262144 scores each would be 4 GB, several times over. */
  @Test
  void callsThatScoreEveryTokenHoldFewerOfThemWhereThereAreManyRows() {
    assertEquals(List.of(512, 512), scoredChunks(1));
    assertEquals(List.of(64, 64), scoredChunks(8).subList(0, 2));
    assertEquals(List.of(16, 16), scoredChunks(256).subList(0, 2));
    assertEquals(List.of(16), Buckets.scoredChunks(RING_OF_8, 13));
  }

  private static List<Integer> scoredChunks(int rows) {
    return Buckets.scoredChunks(
        new CacheLayout(Gemma2Presets.config("gemma3-270m"), rows, 1024, ElementType.BF16), 1024);
  }

  @Test
  void exactChunksHaveNoPadding() {
    for (int tokens = 1; tokens <= 2000; tokens++) {
      List<Integer> chunks = Buckets.exactChunks(LARGE, tokens);
      assertEquals(tokens, chunks.stream().mapToInt(chunk -> chunk).sum());
    }
    assertEquals(List.of(512, 64, 16, 1, 1, 1), Buckets.exactChunks(LARGE, 595));
  }
}
