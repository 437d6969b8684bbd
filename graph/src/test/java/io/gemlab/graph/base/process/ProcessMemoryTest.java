package io.gemlab.graph.base.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
  private static final long TOUCHED = 256L << 20;

  /** Memory counts once it is touched, and stays in the peak when it is given back. */
  @Test
  void memoryThatIsTouchedCountsAndStaysInThePeak() {
    long before = ProcessMemory.resident().orElseThrow();
    long during;
    try (Arena arena = Arena.ofConfined()) {
      arena.allocate(TOUCHED).fill((byte) 1);
      during = ProcessMemory.resident().orElseThrow();
    }
    long after = ProcessMemory.resident().orElseThrow();
    long peak = ProcessMemory.peak().orElseThrow();
    assertTrue(during - before > TOUCHED * 3 / 4, during + " after " + before);
    assertTrue(during - after > TOUCHED * 3 / 4, after + " after " + during);
    // The kernel counts pages a thread at a time, and is off by a few until it adds them up.
    assertTrue(peak > during - (16 << 20), peak + " is less than " + during);
  }
}
