package io.gemlab.tpu.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the runner refuses, before it touches a device. */
class BundleRunnerTest {
  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    BundleTest.bundle(1).write(folder.resolve("one"));
    Files.writeString(folder.resolve("text.so"), "no library");
    Files.writeString(folder.resolve("ids.json"), "{\"input_ids\": [[1, 2, 3]]}");
    Files.writeString(folder.resolve("large.json"), "{\"input_ids\": [[1, 260]]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--plugin @/text.so | --bundle is missing",
        "--bundle @/one | --plugin is missing",
        "--bundle @/one --plugin @/text.so --step 3 | did you mean --steps?",
        "--bundle @/one --plugin @/text.so --steps | --steps has no value",
        "--bundle @/one --plugin @/text.so --steps 0 | give a whole number from 1",
        "--bundle @/one --plugin @/text.so --ahead -1 | give a whole number from 0",
        "--bundle @/one --bundle @/one --plugin @/text.so | --bundle comes twice",
        "--bundle @/one --plugin @/text.so --json @/no/x.json | there is no folder",
        "--bundle @/two --plugin @/text.so | does not exist",
        "--bundle @/text.so --plugin @/text.so | is no bundle",
        "--bundle @/one --plugin @/text.so --ids @/ids.json | 1 x 3 tokens",
        "--bundle @/one --plugin @/text.so --ids @/large.json | a whole number from 0 to 259",
        "--bundle @/one --plugin @/nowhere.so | nowhere.so does not exist",
        "--bundle @/one --plugin @/text.so | can't be loaded",
        "--bundle @/one --plugin @/text.so --cluster a:1,b:2 | give both or neither",
        "--bundle @/one --plugin @/text.so --task 0 | give both or neither",
        "--bundle @/one --plugin @/text.so --cluster a:1,b:2 --task 2 | give a number from 0 to 1",
        "--bundle @/one --plugin @/text.so --cluster a,b:2 --task 0 | give host:port for each",
        "--bundle @/one --plugin @/text.so --cluster a:1,b:2 --task 0 --state @/s | leave --state",
        "--bundle @/one --plugin @/text.so --cluster a:1,b:2 --task 0 | GEMLAB_CLUSTER_TOKEN",
      })
  void refusesInOneLine(String line, String reason) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] words = line.strip().replace("@", folder.toString()).split(" ");
    int exitCode = BundleRunner.run(System.out, new PrintStream(err), words);
    String said = err.toString(StandardCharsets.UTF_8);
    assertEquals(2, exitCode, said);
    assertEquals(1, said.lines().count(), said);
    assertTrue(said.contains(reason), said);
  }

  @Test
  void helps() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(0, BundleRunner.run(new PrintStream(out), System.err, "--help"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("--checkpoint DIR"));
  }
}
