package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.GoldenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensCommandTest {
  @TempDir Path folder;

  private Gemlab tokens(Object corpus, Object tokenizer, Object out) {
    return Gemlab.run("tokens", "--corpus", corpus, "--tokenizer", tokenizer, "--out", out);
  }

  @Test
  void writesTheFileAndWhatItHolds() throws IOException {
    Path out = folder.resolve("a.bin");
    Gemlab run = tokens("built-in", "bytes", out);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(out + ": 1115396 tokens of 1 documents, uint16\n", run.out());
    assertEquals(2 * 1_115_396, Files.size(out));
    assertTrue(Files.readString(folder.resolve("a.bin.json")).contains("\"tokens\" : 1115396"));
  }

  @Test
  void wrongInputIsOneLineAndLeavesNothing() throws IOException {
    Path model = GoldenFiles.of("tokenizer/tokenizer_gemmalike.model");
    refused("name a file that ends with .bin", "built-in", model, folder.resolve("a.tokens"));
    refused("there is no folder", "built-in", model, folder.resolve("x").resolve("a.bin"));
    refused("does not exist", folder.resolve("none.txt"), model, folder.resolve("a.bin"));
    refused("is no text; name one", "chat.jsonl", model, folder.resolve("a.bin"));
    refused("is no tokenizer", "built-in", "pom.xml", folder.resolve("a.bin"));
    refused("x.model does not exist", "built-in", "x.model", folder.resolve("a.bin"));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  private void refused(String reason, Object corpus, Object tokenizer, Object out) {
    Gemlab run = tokens(corpus, tokenizer, out);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(reason), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
  }
}
