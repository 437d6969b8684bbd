package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.pjrt.PjrtError.Code;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PjrtPluginTest {
  @TempDir Path folder;

  @Test
  void saysVersionAndAttributes() {
    try (FakePlugin fake = new FakePlugin()) {
      PjrtPlugin plugin = fake.open();
      assertEquals("fake.so", plugin.name());
      assertEquals("0.90", plugin.apiVersion());
      assertEquals(
          List.of(new NamedValue.Wholes("versions", List.of(1L, 2L))), plugin.attributes());
    }
  }

  @Test
  void otherMajorVersionIsRefused() {
    try (FakePlugin fake = new FakePlugin()) {
      fake.header().set("major", 1);
      assertEquals(
          "fake.so speaks version 1.90 of PJRT, and Gemlab from 0.72 on: install a newer plugin",
          assertThrows(InvalidInput.class, fake::open).getMessage());
    }
  }

  @Test
  void versionWithAnotherOrderOfFunctionsIsRefused() {
    try (FakePlugin fake = new FakePlugin()) {
      fake.header().set("minor", 56);
      assertThrows(InvalidInput.class, fake::open);
    }
  }

  @Test
  void shortTableLacksItsLastFunctions() {
    try (FakePlugin fake = new FakePlugin()) {
      fake.header().set("struct_size", Function.TOPOLOGY_CREATE.offset);
      PjrtPlugin plugin = fake.open();
      InvalidInput error =
          assertThrows(InvalidInput.class, () -> plugin.topology(TopologySpec.tpu("v5e:1x1")));
      assertTrue(error.getMessage().contains("doesn't have this function"), error::getMessage);
    }
  }

  @Test
  void holeInTableIsUnimplemented() {
    try (FakeDevices fake = new FakeDevices()) {
      fake.remove(Function.CLIENT_CREATE);
      PjrtPlugin plugin = fake.open();
      PjrtError error = assertThrows(PjrtError.class, () -> plugin.client(List.of()));
      assertEquals(Code.UNIMPLEMENTED, error.code());
      assertEquals("PJRT_Client_Create", error.function());
    }
  }

  @Test
  void failureToStartKeepsPluginsReasonAndFreesTheError() {
    try (FakePlugin fake = new FakePlugin()) {
      fake.on(
          Function.PLUGIN_INITIALIZE,
          _ -> {
            throw new FakePlugin.Failure(Code.FAILED_PRECONDITION, "driver too old\nby far");
          });
      PjrtError error = assertThrows(PjrtError.class, fake::open);
      assertEquals(
          "PJRT_Plugin_Initialize: FAILED_PRECONDITION: driver too old", error.getMessage());
      assertEquals("driver too old\nby far", error.details());
      assertTrue(fake.alive().isEmpty(), "the error was freed");
    }
  }

  @Test
  void missingFileIsNamed() {
    Path file = folder.resolve("libtpu.so");
    assertMessage(file, file + " does not exist: check the path");
  }

  @Test
  void folderIsNoPlugin() {
    assertMessage(folder, "plugin " + folder + " is a folder: name the .so file in it");
  }

  @Test
  void fileThatIsNoLibraryKeepsLoadersReason() throws IOException {
    Path file = Files.writeString(folder.resolve("libtpu.so"), "no library");
    InvalidInput error = assertThrows(InvalidInput.class, () -> PjrtPlugin.open(file));
    assertTrue(error.getMessage().startsWith("plugin "), error::getMessage);
    assertTrue(error.getMessage().contains("can't be loaded: "), error::getMessage);
    assertTrue(
        error.getMessage().endsWith("give the .so file of a PJRT plugin"), error::getMessage);
    assertTrue(!error.getMessage().contains("no reason given"), error::getMessage);
  }

  @Test
  void libraryWithoutEntryIsNoPlugin() throws IOException {
    Path library =
        Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("zip")).toRealPath();
    assertMessage(
        library,
        library + " has no function GetPjrtApi, so it is no PJRT plugin; give another file");
  }

  private static void assertMessage(Path file, String message) {
    assertEquals(
        message, assertThrows(InvalidInput.class, () -> PjrtPlugin.open(file)).getMessage());
  }
}
