package io.gemlab.graph.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import org.junit.jupiter.api.Test;

class CacheLayoutTest {
  /** Without rings it would be 26 layers x 8192 positions x 4 KiB: 872,415,232 bytes. */
  @Test
  void ringsSaveAQuarterOf2BsCacheAtItsWholeContext() {
    CacheLayout cache =
        new CacheLayout(Gemma2Presets.config("gemma2-2b"), 1, 8192, ElementType.BF16);
    assertEquals(654_311_424L, bytes(cache));
    assertEquals(872_415_232L - 218_103_808L, bytes(cache));
  }

  @Test
  void aCacheThatFitsTheWindowHasNoRings() {
    CacheLayout cache =
        new CacheLayout(Gemma2Presets.config("gemma2-2b"), 1, 4096, ElementType.BF16);
    assertEquals(26L * 4096 * 4096, bytes(cache));
  }

  private static long bytes(CacheLayout cache) {
    return cache.specs().stream()
        .mapToLong(spec -> spec.shape().elements() * spec.type().byteSize())
        .sum();
  }
}
