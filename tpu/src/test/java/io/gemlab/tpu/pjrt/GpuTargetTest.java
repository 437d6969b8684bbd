package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GpuTargetTest {
  @Test
  void hostsHaveEightDevices() {
    assertEquals("h200:1x1x1", GpuTarget.H200.topology(1).name());
    assertEquals("h100:1x1x8", GpuTarget.H100.topology(8).name());
    assertEquals("h200:1x4x8", GpuTarget.H200.topology(32).name());
    List<NamedValue> options = GpuTarget.H200.topology(32).options();
    assertEquals(new NamedValue.Text("topology", "1x4x8"), options.getLast());
    assertTrue(options.getFirst().shown().contains("device_memory_size: 151397597184\n"));
  }

  @Test
  void hostsAreFull() {
    for (int devices : new int[] {0, 9, 12}) {
      assertEquals(
          devices + " GPUs of kind h200: give 1 to 8, or a multiple of 8",
          assertThrows(InvalidInput.class, () -> GpuTarget.H200.topology(devices)).getMessage());
    }
  }
}
