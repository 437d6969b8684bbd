package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.keyvalue.InMemoryKeyValueStore;
import io.gemlab.tpu.device.Device;
import io.gemlab.tpu.device.HostPlace;
import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * XLA's plugin for the CPU as one of two hosts: why it is refused, so that we hear of it when it
 * can do more.
 */
@Tag("pjrt")
final class CpuHostsTest {
  private static final Path PLUGIN =
      new PluginFinder(System.getenv()).find(PluginKind.CPU, Optional.empty()).require();

  /** It numbers its devices by the process, and asks nobody for those of another. */
  @Test
  void thePluginCompilesNothingForSeveralProcesses() throws IOException {
    List<NamedValue> second =
        List.of(new NamedValue.Whole("cpu_device_count", 2), new NamedValue.Whole("process_id", 1));
    try (PjrtClient client = PjrtPlugin.open(PLUGIN).client(second, new InMemoryKeyValueStore())) {
      assertEquals(
          List.of(2048, 2049),
          client.allDevices().stream().map(device -> device.description().id()).toList());
      CompileOptions over =
          new CompileOptions(
              1, 4, List.of(0, 1, 2048, 2049), CompileOptions.OutputSharding.AS_ANNOTATED);
      byte[] program = Resources.bytes("sharded.hlo.pb");
      PjrtError error = assertThrows(PjrtError.class, () -> client.compile(program, over));
      assertEquals(
          "Multiprocess computations aren't implemented on the CPU backend.", error.reason());
    }
  }

  @Test
  void itKnowsNoNodes() {
    PjrtError error =
        assertThrows(
            PjrtError.class, () -> PjrtPlugin.open(PLUGIN).client(PluginKind.nodeOptions(0, 2)));
    assertTrue(
        error
            .reason()
            .matches("Unexpected option name passed to PJRT_Client_Create: (node_id|num_nodes)"),
        error::reason);
  }

  @Test
  void severalHostsAreRefusedByItsName() {
    HostPlace host = new HostPlace(0, 2, new InMemoryKeyValueStore());
    InvalidInput refusal = assertThrows(InvalidInput.class, () -> Device.open(PLUGIN, 4, host));
    assertTrue(
        refusal.getMessage().startsWith("XLA's plugin for the CPU has no collectives"),
        refusal::getMessage);
  }
}
