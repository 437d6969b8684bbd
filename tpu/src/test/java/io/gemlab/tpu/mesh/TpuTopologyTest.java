package io.gemlab.tpu.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.pjrt.NamedValue;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TpuTopologyTest {
  /** The published training runs' slices among them: 512 v5e, 4096 v4, 6144 v5p. */
  @ParameterizedTest
  @CsvSource({
    "v5e:16x32, 512, 512",
    "v4:16x16x16, 4096, 4096",
    "v5p:16x16x24, 6144, 6144",
    "v6e:1x1, 1, 1",
    "tpu7x:2x2x1, 4, 8",
    "v3:4x4, 16, 32"
  })
  void chipsAndDevices(String name, int chips, int devices) {
    TpuTopology topology = TpuTopology.parse(name);
    assertEquals(chips, topology.chips());
    assertEquals(devices, topology.devices());
    assertEquals(name, topology.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v5p",
        "v5p:",
        "v5p:2x2",
        "v5e:2x2x1",
        "v5e:2x",
        "v5e:0x2",
        "v5e:65x1",
        "v9:2x2",
        "h200"
      })
  void somethingElseIsRefused(String name) {
    assertThrows(InvalidInput.class, () -> TpuTopology.parse(name));
  }

  @Test
  void anUnknownTpuIsToldWhichThereAre() {
    InvalidInput refused = assertThrows(InvalidInput.class, () -> TpuTopology.parse("v9:2x2"));
    assertEquals(
        "topology \"v9:2x2\" names no TPU; there is v2, v3, v4, v5e, v5p, v6e, tpu7x",
        refused.getMessage());
  }

  /** As Google Cloud's pages list them. */
  @ParameterizedTest
  @CsvSource({
    "v2-8, v2:2x2",
    "v3-32, v3:4x4",
    "v3-2048, v3:32x32",
    "v4-8, v4:2x2x1",
    "v4-16, v4:2x2x2",
    "v4-32, v4:2x2x4",
    "v4-64, v4:2x4x4",
    "v4-128, v4:4x4x4",
    "v4-512, v4:4x8x8",
    "v4-1024, v4:8x8x8",
    "v4-8192, v4:16x16x16",
    "v5litepod-1, v5e:1x1",
    "v5litepod-4, v5e:2x2",
    "v5litepod-8, v5e:2x4",
    "v5litepod-16, v5e:4x4",
    "v5e-256, v5e:16x16",
    "v5p-8, v5p:2x2x1",
    "v5p-64, v5p:2x4x4",
    "v5p-128, v5p:4x4x4",
    "v5p-384, v5p:4x4x12",
    "v5p-768, v5p:4x8x12",
    "v5p-1152, v5p:4x12x12",
    "v5p-2048, v5p:8x8x16",
    "v5p-12288, v5p:16x16x24",
    "v6e-8, v6e:2x4",
    "v6e-256, v6e:16x16"
  })
  void googleCloudsNamesAreSlicesOfChips(String name, String topology) {
    assertEquals(topology, TpuTopology.parse(name).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v5p-96 | v5p-64 (v5p:2x4x4) and v5p-128 (v5p:4x4x4)",
        "v5p-9 | v5p-8 (v5p:2x2x1) and v5p-16 (v5p:2x2x2)",
        "v5litepod-12 | v5litepod-8 (v5e:2x4) and v5litepod-16 (v5e:4x4)",
        "v5litepod-2 | v5litepod-1 (v5e:1x1) and v5litepod-4 (v5e:2x2)",
        "v6e-0 | v6e-1 (v6e:1x1)",
        "v6e-999999 | v6e-256 (v6e:16x16)",
        "v4-1 | v4-8 (v4:2x2x1)"
      })
  void aSliceThatThereIsNotIsRefusedWithTheNearest(String name, String nearest) {
    String message = assertThrows(InvalidInput.class, () -> TpuTopology.parse(name)).getMessage();
    assertEquals(name + " is no slice that Google Cloud has; nearest to it: " + nearest, message);
  }

  @Test
  void libtpuIsToldWhatItWouldTakeOtherwise() {
    assertEquals(List.of(), TpuTopology.parse("v5p:2x2x4").spec().options());
    assertEquals(List.of(), TpuTopology.parse("v5e:1x1").spec().options());
    assertEquals(
        List.of("chips_per_host_bounds"),
        TpuTopology.parse("v5p:1x1x1").spec().options().stream().map(NamedValue::name).toList());
    assertEquals(
        List.of("chip_config_name"),
        TpuTopology.parse("v4:2x2x1").spec().options().stream().map(NamedValue::name).toList());
  }
}
