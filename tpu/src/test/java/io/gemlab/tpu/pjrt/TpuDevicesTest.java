package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TpuDevicesTest {
  @TempDir Path dev;

  @Test
  void machineWithoutEitherHasNone() {
    assertFalse(TpuDevices.attached(dev));
  }

  @Test
  void accelIsDeviceOfOlderChips() throws IOException {
    Files.createFile(dev.resolve("accel0"));
    assertTrue(TpuDevices.attached(dev));
  }

  @Test
  void vfioGroupIsDeviceOfNewerChips() throws IOException {
    Files.createDirectory(dev.resolve("vfio"));
    Files.createFile(dev.resolve("vfio/vfio"));
    assertFalse(TpuDevices.attached(dev), "the module alone");
    Files.createFile(dev.resolve("vfio/12"));
    assertTrue(TpuDevices.attached(dev));
  }
}
