package io.gemlab.experiments.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.hlo.cost.Chip;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TargetTest {
  @Test
  void tpuHasItsChipAndItsName() {
    Target target = Target.of("v5e:1x1");
    assertEquals(PluginKind.TPU, target.plugin());
    assertEquals("v5e:1x1", target.topology().name());
    assertEquals(Optional.of(Chip.V5E), target.chip());
    assertTrue(target.topology().options().isEmpty());
  }

  @Test
  void devicesOfAllItsChips() {
    assertEquals(16, Target.of("v5p:2x2x4").devices());
    assertEquals(4, Target.of("v4:2x2x1").devices(), "two cores a chip, driven as one");
    assertEquals(8, Target.of("tpu7x:2x2x1").devices(), "two devices a chip");
    assertEquals(8, Target.of("h200:8").devices());
    assertEquals(16, Target.of("h100:16").devices());
    assertEquals(1, Target.of("h200").devices());
  }

  @Test
  void saysChipsTopologyAndWhatADeviceIs() {
    assertEquals(
        "v5p-64 (v5p:2x4x4, 32 chips, each one device of 95.73 GiB, its two cores driven as one)",
        Target.of("v5p-64").described());
    assertEquals(
        "v4:2x2x1 (4 chips, each one device of 30.75 GiB, its two cores driven as one)",
        Target.of("v4:2x2x1").described());
    assertEquals("v5e:1x1 (1 chip: one device of 15.75 GiB)", Target.of("v5e:1x1").described());
    assertEquals("h200:8", Target.of("h200:8").described());
  }

  @Test
  void hostOfOneChipIsToldWhereHostsHaveFour() {
    assertEquals(1, Target.of("v5p:1x1x1").topology().options().size());
  }

  @Test
  void chipWithoutPublishedRatesIsATargetAllTheSame() {
    assertTrue(Target.of("tpu7x:1x1x1").chip().isEmpty());
  }

  @Test
  void gpuIsCompiledByCuda() {
    Target target = Target.of("h200");
    assertEquals(PluginKind.CUDA, target.plugin());
    assertEquals(Optional.of(Chip.H200), target.chip());
  }

  @ParameterizedTest
  @CsvSource({
    "v5p:1x1, has no shape of 3 numbers",
    "v5e, has no shape of 2 numbers",
    "v5e:axb, has no shape of 2 numbers",
    "v5e:0x1, numbers from 1 to 64",
    "v5e:99x1, numbers from 1 to 64",
    "h200:x, give how many GPUs",
    "h200:12, or a multiple of 8",
    "v5x:1x1, did you mean v5e",
    "v9z, is not known; there is v2",
    "v5p-96, nearest to it: v5p-64",
    "tpu7x-8, is not known",
  })
  void impossibleTargetIsRefused(String target, String reason) {
    String message = assertThrows(InvalidInput.class, () -> Target.of(target)).getMessage();
    assertTrue(message.contains(reason), message);
  }
}
