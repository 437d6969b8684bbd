package io.gemlab.experiments.eval.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that pyarrow wrote, compressed by Snappy and by Zstandard, and what is left of such. */
class ParquetRowsTest {
  private static final Path ARC =
      EvalGolden.data().resolve("ai2_arc/ARC-Easy/test-00000-of-00001.parquet");
  private static final Path HELLASWAG =
      EvalGolden.data().resolve("hellaswag/data/validation-00000-of-00001.parquet");

  @TempDir Path folder;

  @Test
  void fieldsAreReadWithTheirKinds() {
    List<Document> arc = ParquetRows.read(ARC);
    assertEquals(7, arc.size());
    assertEquals("made_0", arc.getFirst().text("id"));
    Map<?, ?> choices = (Map<?, ?>) arc.getFirst().fields().get("choices");
    assertEquals(List.of("1", "2", "3"), choices.get("label"));
    List<Document> hellaswag = ParquetRows.read(HELLASWAG);
    assertEquals(0L, hellaswag.getFirst().fields().get("ind"));
    assertEquals(4, hellaswag.getFirst().texts("endings").size());
  }

  /** As a download leaves a file that broke off, or the page that told why there is none. */
  @ParameterizedTest
  @ValueSource(strings = {"", "PAR1", "<html>not here</html>", "PAR1 and so on PAR1"})
  void whatIsNoParquetIsSaid(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("test.parquet"), content);
    InvalidInput e = assertThrows(InvalidInput.class, () -> ParquetRows.read(file));
    assertTrue(e.getMessage().contains("test.parquet"), e::getMessage);
    assertEquals(1, e.getMessage().lines().count());
  }

  /**
   * Bits that turned over, but in Zstandard's pages alone: snappy-java writes past the end of its
   * buffer there. Each in a file of its own, since the library goes on reading for a moment where
   * it has failed.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void damageGetsALine(boolean cut) throws IOException {
    byte[] whole = Files.readAllBytes(cut ? ARC : HELLASWAG);
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 30; i++) {
      byte[] damaged = cut ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      if (!cut) damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      Path file = Files.write(folder.resolve(i + ".parquet"), damaged);
      try {
        ParquetRows.read(file); // some bits change a letter and no more
      } catch (InvalidInput e) {
        assertEquals(1, e.getMessage().lines().count(), e::getMessage);
        refused++;
      }
    }
    assertTrue(cut ? refused == 30 : refused > 0, "refused " + refused);
  }
}
