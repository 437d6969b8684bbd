package io.gemlab.tpu.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PjrtPathTest {
  @TempDir Path folder;

  @Test
  void labelsAreKindsOfDevicesAndFiles() {
    assertEquals(List.of("pjrt:tpu", "pjrt:cuda", "pjrt:cpu", "pjrt:FILE"), PjrtPath.LABELS);
    for (String label : List.of("pjrt:tpu", "pjrt:./plugin.so", "pjrt:/x/y")) {
      assertEquals(label, new PjrtPath(label).label());
    }
  }

  @Test
  void anotherWordIsRefused() {
    InvalidInput unknown = assertThrows(InvalidInput.class, () -> new PjrtPath("pjrt:cuad"));
    assertTrue(unknown.getMessage().contains("did you mean pjrt:cuda?"), unknown::getMessage);
    assertThrows(InvalidInput.class, () -> new PjrtPath("pjrt:"));
  }

  @Test
  void fileThatIsNoPluginIsOneLine() throws IOException {
    Path text = Files.writeString(folder.resolve("plugin.so"), "no library");
    PjrtPath path = new PjrtPath("pjrt:" + text);
    InvalidInput wrong = assertThrows(InvalidInput.class, () -> path.load(List.of()));
    assertTrue(wrong.getMessage().contains("can't be loaded"), wrong::getMessage);
    PjrtPath nowhere = new PjrtPath("pjrt:" + folder.resolve("nowhere.so"));
    InvalidInput missing = assertThrows(InvalidInput.class, () -> nowhere.load(List.of()));
    assertTrue(missing.getMessage().contains("does not exist"), missing::getMessage);
  }
}
