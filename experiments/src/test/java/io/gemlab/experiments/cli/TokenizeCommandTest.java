package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.graph.base.input.JsonFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code gemlab tokenize} on the references of SentencePiece and Hugging Face. */
class TokenizeCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path TINY = GoldenFiles.of("tokenizer/tokenizer_tiny.model");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"tokenizer_tiny.model", "tokenizer_gemmalike.model"})
  void givesSentencePiecesIdsAndTexts(String model) throws IOException {
    JsonNode golden = JsonFile.readObject(GoldenFiles.of("tokenizer/tokenizer_golden.json"));
    JsonNode cases = golden.path("tokenizers").path(model).path("cases");
    assertEquals(30, cases.size());
    assertCases(GoldenFiles.of("tokenizer/" + model), cases);
  }

  /** The real one, whose terms keep it out of this repository; Gemma2TokenizerTest says more. */
  @Test
  void givesHuggingFacesIdsAndTexts() throws IOException, InterruptedException {
    Path shared =
        Optional.ofNullable(System.getenv("GEMLAB_SHARED"))
            .map(Path::of)
            .orElse(Path.of("..", "..", "shared"))
            .resolve("tokenizer");
    Path packed = shared.resolve("gemma2_tokenizer.json.xz");
    assumeTrue(Files.exists(packed), "there is no " + packed);
    Path copy = Files.copy(packed, folder.resolve("tokenizer.json.xz"));
    assertEquals(0, new ProcessBuilder("xz", "-d", copy.toString()).start().waitFor());
    JsonNode golden = JsonFile.readObject(shared.resolve("gemma2_tokenizer_golden.json"));
    assertCases(folder, golden.path("cases"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"text\": 5}           | line 2: text is \"5\"; give a text",
        "{\"texts\": \"a\"}      | line 2: text is missing; give a text",
        "{\"text\": \"a\"        | line 2 is not valid JSON",
        "[1]                     | line 2 holds array where an object {...} is wanted",
        "''                      | line 2 holds nothing"
      })
  void aWrongLineIsNamed(String line, String message) {
    refused("{\"text\": \"the\"}\n" + line + "\n{\"text\": \"king\"}\n", message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"ids\": [5, 512]}     | line 2: Token id 512 is not in the tokenizer's vocabulary of 512",
        "{\"ids\": [5, -1]}      | line 2: Token id -1",
        "{\"ids\": [5, 1.5]}     | line 2: ids[1] is \"1.5\"; give a whole number",
        "{\"ids\": 5}            | line 2: ids is \"5\"; give a list of numbers"
      })
  void wrongIdsAreNamed(String line, String message) {
    refused("{\"ids\": [5]}\n" + line + "\n", message, "--decode");
  }

  @Test
  void bytesThatAreNoTextAreNamed() {
    byte[] lines = "{\"text\": \"\u00ff\"}".getBytes(StandardCharsets.ISO_8859_1);
    Gemlab run = tokenize(TINY, new ByteArrayInputStream(lines));
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("line 1 is not UTF-8"), run.err());
  }

  private static void refused(String lines, String message, String... flags) {
    Gemlab run = tokenize(TINY, stream(lines), flags);
    assertEquals(2, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertEquals(1, run.out().lines().count(), run.out());
  }

  private static void assertCases(Path tokenizer, JsonNode cases) throws IOException {
    List<JsonNode> all = StreamSupport.stream(cases.spliterator(), false).toList();
    List<JsonNode> encoded = answers(tokenizer, all);
    List<JsonNode> decoded = answers(tokenizer, all, "--decode");
    for (int i = 0; i < all.size(); i++) {
      assertEquals(all.get(i).path("ids"), encoded.get(i).path("ids"), all.get(i).toString());
      assertEquals(all.get(i).path("decoded"), decoded.get(i).path("text"));
    }
  }

  /** The whole case is the line: what else it holds is not read. */
  private static List<JsonNode> answers(Path tokenizer, List<JsonNode> cases, String... flags)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    for (JsonNode each : cases) lines.append(JSON.writeValueAsString(each)).append('\n');
    Gemlab run = tokenize(tokenizer, stream(lines.toString()), flags);
    assertEquals(0, run.exitCode(), run.err());
    List<JsonNode> answers = new ArrayList<>();
    for (String line : run.out().split("\n")) answers.add(JSON.readTree(line));
    assertEquals(cases.size(), answers.size());
    return answers;
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Gemlab tokenize(Path tokenizer, InputStream in, String... flags) {
    InputStream before = System.in;
    System.setIn(in);
    try {
      return Gemlab.run(
          Stream.concat(
                  Stream.of("tokenize", "--tokenizer", tokenizer.toString()), Arrays.stream(flags))
              .toArray());
    } finally {
      System.setIn(before);
    }
  }
}
