package io.gemlab.tpu.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.InvalidInput;
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
