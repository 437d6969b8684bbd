package io.gemlab.graph.base.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
  @Test
  void memoryOfThisProcessIsTold() {
    long resident = ProcessMemory.resident().orElseThrow();
    long peak = ProcessMemory.peak().orElseThrow();
    assertTrue(resident > 10 << 20 && peak >= resident / 2, resident + " of " + peak);
  }
}
