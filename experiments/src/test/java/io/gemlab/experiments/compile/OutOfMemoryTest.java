package io.gemlab.experiments.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class OutOfMemoryTest {
  private static final double GIB = 1L << 30;

  @Test
  void readsWhatLibtpuSays() {
    OutOfMemory refusal =
        OutOfMemory.of(
            """
            E1000: CompileTimeHbmOom: Ran out of memory on HBM, the total memory required for HLO \
            temporaries (37.84G) exceeds available HBM (15.75G). HLO module: train.37339.
            See https://openxla.org/xla/errors/error_1000 for more details.
            """);
    assertEquals(37.84 * GIB, refusal.needed().getAsDouble(), 1);
    assertEquals(15.75 * GIB, refusal.available().getAsDouble(), 1);
    assertEquals(1, refusal.reason().lines().count());
  }

  @Test
  void readsWhatOlderCompilersSay() {
    OutOfMemory refusal =
        OutOfMemory.of(
            "Ran out of memory in memory space hbm. Used 512.5M of 15.75G hbm. Exceeded by 1K.");
    assertEquals(512.5 * (1 << 20), refusal.needed().getAsDouble(), 1);
  }

  @Test
  void keepsWordsItCannotRead() {
    OutOfMemory refusal = OutOfMemory.of("no room\nat all");
    assertEquals("no room", refusal.reason());
    assertTrue(refusal.needed().isEmpty() && refusal.available().isEmpty());
  }
}
