package io.gemlab.experiments.cli.option;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.cli.Gemlab;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Places that can't be written to are found before any work, and named by their flag. */
class OutputFileTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("file"), "mine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ablate --out FILE",
        "compile --preset tiny --target v5e:1x1 --out FILE",
        "compile --preset tiny --target v5e:1x1 --bundle FOLDER",
        "logits --checkpoint CHECKPOINT --ids IDS --out FOLDER",
        "step --checkpoint CHECKPOINT --ids IDS --steps 1 --out FILE",
        "step --checkpoint CHECKPOINT --ids IDS --steps 1 --out OUT --gradients FOLDER",
        "conformance --path graph --out FILE",
        "conformance --export FILE",
        "generate --checkpoint CHECKPOINT --ids IDS --out FOLDER",
        "random-checkpoint --preset tiny --out FILE",
        "bench --preset tiny --out FILE",
        "bench --preset tiny --jmh --quick --out FILE/inside",
        "doctor --json FOLDER"
      })
  void aFileForAFolderIsOneLine(String line) throws IOException {
    String flags =
        line.replace("CHECKPOINT", SmallModel.checkpoint(folder).toString())
            .replace("IDS", SmallModel.ids(folder).toString())
            .replace("FILE", file.toString())
            .replace("FOLDER", folder.toString())
            .replace("OUT", folder.resolve("out").toString());
    Gemlab run = Gemlab.run((Object[]) flags.split(" "));
    assertEquals(2, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    String flag = line.substring(line.lastIndexOf("--"), line.lastIndexOf(' '));
    assertTrue(run.err().startsWith("gemlab: " + flag + " "), run.err());
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void aDiskWithTooLittleRoomIsNamed() {
    Path out = folder.resolve("new").resolve("newer");
    assertDoesNotThrow(() -> OutputFile.requireSpace("--out", out, 1));
    InvalidInput full =
        assertThrows(
            InvalidInput.class, () -> OutputFile.requireSpace("--out", out, Long.MAX_VALUE / 2));
    assertTrue(
        full.getMessage().startsWith("--out " + out + " needs 4294967296.00 GiB, and " + folder),
        full.getMessage());
  }
}
