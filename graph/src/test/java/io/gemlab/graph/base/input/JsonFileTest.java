package io.gemlab.graph.base.input;

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
        "{\"a\": 1 | not valid JSON: it ends in the middle: is the file cut short? (line 1, column 8)",
        "{\"a\": 1} 2 | not valid JSON: it goes on after its end (line 1, column 10)",
        "{\"a\": 1, \"a\": 2} | not valid JSON: the key \"a\" comes twice (line 1, column 13)",
        "{\"a\": NaN} | not valid JSON: NaN is not a number in JSON (line 1, column 10)",
        "{\"a\": 1; | \";\" where a comma, a colon or a closing bracket is wanted (line 1, column 8)",
        "{a: 1} | not valid JSON: \"a\" where it can't be (line 1, column 2)",
        "{\"a\": yes} | \"yes\", which is no value: is it in quotes? (line 1, column 7)",
        "{\"a\": [1} | a bracket that closes another one (line 1, column 9)",
        "{\"a\": 01} | a number that JSON doesn't have (line 1, column 8)",
      })
  void refusesWhatIsNoObject(String content, String reason) throws IOException {
    Path file = Files.writeString(folder.resolve("a.json"), content);
    assertRefused(file, reason);
  }

  @Test
  void refusesDeepNesting() throws IOException {
    String deep = "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000);
    assertRefused(Files.writeString(folder.resolve("a.json"), deep), "too deeply");
  }

  @Test
  void aByteOrderMarkIsSkipped() throws IOException {
    Path file = Files.writeString(folder.resolve("a.json"), "\ufeff{\"a\": 1}");
    assertEquals(1, JsonFile.readObject(file).path("a").asInt());
  }

  /** As Python's json module reads what Python's json module writes. */
  @Test
  void readsWhatPythonWrites() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("a.json"), "{\"a\": 1, \"a\": 2, \"b\": Infinity, \"c\": NaN}");
    assertEquals(2, JsonFile.readPython(file).path("a").asInt());
    assertEquals(Double.POSITIVE_INFINITY, JsonFile.readPython(file).path("b").asDouble());
    assertRefused(file, "comes twice");
  }

  @Test
  void saysWhatIsInItsPlace() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), Path.of("../blobs/12"));
    assertRefused(link, "is a link to ../blobs/12, which does not exist");
    String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    assertRefused(Files.writeString(folder.resolve("a.json"), pointer), "run git lfs install");
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
