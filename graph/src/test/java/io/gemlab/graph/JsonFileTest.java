package io.gemlab.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFileTest {
  @TempDir Path folder;

  @Test
  void readsAnObject() throws IOException {
    Path file = Files.writeString(folder.resolve("a.json"), "{\"a\": [1, {\"b\": null}]}\n");
    assertEquals(1, JsonFile.readObject(file).path("a").path(0).asInt());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | nothing where an object",
        "[1] | array where an object",
        "{\"a\": 1 | not valid JSON",
        "{\"a\": 1} 2 | not valid JSON",
        "{\"a\": 1, \"a\": 2} | Duplicate",
        "{\"a\": NaN} | not valid JSON",
      })
  void refusesWhatIsNoObject(String content, String reason) throws IOException {
    Path file = Files.writeString(folder.resolve("a.json"), content);
    assertRefused(file, reason);
  }

  @Test
  void refusesDeepNesting() throws IOException {
    String deep = "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000);
    assertRefused(Files.writeString(folder.resolve("a.json"), deep), "depth");
  }

  @Test
  void refusesOtherEncodingsAndAbsentFiles() throws IOException {
    Path file = folder.resolve("a.json");
    assertRefused(file, "does not exist");
    Files.write(file, "{\"ä\": 1}".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(file, "not UTF-8");
  }

  private static void assertRefused(Path file, String reason) {
    String message = assertThrows(InvalidInput.class, () -> JsonFile.readObject(file)).getMessage();
    assertTrue(message.contains(file.toString()) && message.contains(reason), message);
    assertEquals(1, message.lines().count());
  }
}
