package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.graph.base.input.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code gemlab eval}: lm-evaluation-harness's figures, and what a user meets. */
class EvalCommandTest {
  private static final Path LM_EVAL = GoldenFiles.of("eval/lmeval");
  private static final String ARC = LM_EVAL.resolve("golden_arc.yaml").toString();
  private static final String HS = LM_EVAL.resolve("golden_hs.yaml").toString();

  @TempDir static Path shared;
  private static Path checkpoint;

  @TempDir Path folder;

  @BeforeAll
  static void copy() throws IOException {
    checkpoint = GoldenFiles.checkpointWithTokenizer(shared);
  }

  /** Accuracies equal, log-likelihoods but for what torch's float32 log-softmax is off. */
  @ParameterizedTest
  @ValueSource(strings = {"always", "never"})
  void figuresAreLmEvals(String bos) throws IOException {
    JsonNode golden = JsonFile.readObject(LM_EVAL.resolve("results.json")).get(bos);
    Path out = folder.resolve("out");
    Gemlab run = eval(out, ARC + "," + HS, "--max-length", 128, "--bos", bos);
    assertEquals(0, run.exitCode(), run.err());
    JsonNode results = JsonFile.readObject(out.resolve("results.json"));
    for (String task : List.of("golden_arc", "golden_hs")) {
      JsonNode metrics = results.get("tasks").get(task).get("metrics");
      for (String metric : List.of("acc", "acc_norm")) {
        assertEquals(golden.get(task).get(metric), metrics.get(metric).get("value"));
      }
      List<JsonNode> samples = samples(out, task);
      JsonNode items = golden.get(task).get("items");
      assertEquals(items.size(), samples.size());
      for (int i = 0; i < items.size(); i++) {
        assertEquals(i, samples.get(i).get("doc_id").intValue());
        for (int k = 0; k < items.get(i).get("ll").size(); k++) {
          assertEquals(
              items.get(i).get("ll").get(k).doubleValue(),
              samples.get(i).get("loglikelihoods").get(k).doubleValue(),
              2e-3 + 1e-4 * samples.get(i).get("tokens").get(k).intValue());
        }
        assertEquals(items.get(i).get("acc"), samples.get(i).get("metrics").get("acc"));
        assertEquals(items.get(i).get("greedy"), samples.get(i).get("greedy"));
      }
    }
    assertTrue(run.out().contains("golden_arc"), run.out());
    assertTrue(Files.readString(out.resolve("report.md")).contains("golden_arc: acc_norm "));
    assertEquals(
        bos.equals("never"),
        Files.readString(out.resolve("report.md")).contains("BOS did not stand before"));
  }

  /** What was answered is not asked again, and a line that was being written is. */
  @Test
  void resumeTakesTheAnswersThatAreThere() throws IOException {
    Path out = folder.resolve("out");
    assertEquals(0, eval(out, ARC, "--limit", 3).exitCode());
    String results = Files.readString(out.resolve("results.json"));
    Path answers = out.resolve("answers.jsonl");
    String all = Files.readString(answers);
    Files.writeString(answers, all.substring(0, all.length() - 40));
    assertEquals(2, eval(out, ARC, "--limit", 3).exitCode());
    Gemlab resumed = eval(out, ARC, "--limit", 3, "--resume");
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertEquals(results, Files.readString(out.resolve("results.json")));
    assertTrue(
        Files.readString(out.resolve("report.md")).contains("12, each once; 11 had been answered"));
    Gemlab other = eval(out, ARC, "--resume", "--dtype", "bfloat16");
    assertEquals(2, other.exitCode());
    assertTrue(
        other.err().contains("answers of another model (dtype bfloat16, before float32)"),
        other.err());
  }

  /** The same model again has no differences; another precision is compared item by item. */
  @Test
  void twoEvaluationsAreComparedItemByItem() throws IOException {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    assertEquals(0, eval(first, ARC, "--limit", 12).exitCode());
    Gemlab run = eval(second, ARC, "--against", first, "--quantize", "int4");
    assertEquals(0, run.exitCode(), run.err());
    String report = Files.readString(second.resolve("report.md"));
    assertTrue(report.contains("golden_arc, the same 12 items: acc_norm less that of"), report);
    assertTrue(report.contains("8 items are only in one of the two"), report);
    assertTrue(report.contains("only this right"), report);
  }

  /** Fields are written in several ways; the first is the task's own and gives its scores. */
  @Test
  void formatsSpreadScores() throws IOException {
    Path out = folder.resolve("out");
    Gemlab run = eval(out, ARC, "--limit", 6, "--formats", 3);
    assertEquals(0, run.exitCode(), run.err());
    JsonNode task = JsonFile.readObject(out.resolve("results.json")).get("tasks").get("golden_arc");
    JsonNode formats = task.get("formats");
    assertEquals("[\"Question\",\"Answer\"]", formats.get("fields").toString());
    JsonNode probability = formats.get("metrics").get("prob");
    assertEquals(3, probability.get("scores").size());
    assertEquals(task.get("metrics").get("prob").get("value"), probability.get("scores").get(0));
    assertTrue(probability.get("sd").doubleValue() > 0);
    assertTrue(probability.get("variance_items").doubleValue() > 0);
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains("golden_arc in 3 formats: acc_norm is"), report);
    assertTrue(report.contains("Question - …"), report);
    Gemlab none = eval(folder.resolve("none"), HS, "--formats", 2);
    assertEquals(2, none.exitCode());
    assertTrue(none.err().contains("the prompts of golden_hs have no field names"), none.err());
  }

  /** How much a score moves among a run's checkpoints, all of which were asked the same. */
  @Test
  void noiseOfCheckpointsIsToldBesideTheSignal() throws IOException {
    Path before = folder.resolve("before");
    assertEquals(0, eval(before, ARC, "--limit", 4).exitCode());
    Path out = folder.resolve("out");
    Gemlab twice = eval(out, ARC, "--limit", 4, "--before", before);
    assertEquals(2, twice.exitCode());
    assertTrue(twice.err().contains("evaluated a checkpoint that is named already"), twice.err());
    Path later = another(checkpoint);
    Gemlab otherwise = eval(out, ARC, "--limit", 3, "--before", before, "--checkpoint", later);
    assertEquals(2, otherwise.exitCode());
    assertTrue(otherwise.err().contains("asked golden_arc with other prompts"), otherwise.err());
    Gemlab run =
        eval(
            out,
            ARC,
            List.of("--limit", 4, "--before", before, "--against", before, "--checkpoint", later)
                .toArray());
    assertEquals(0, run.exitCode(), run.err());
    JsonNode noise =
        JsonFile.readObject(out.resolve("results.json")).get("noise").get("golden_arc").get("prob");
    assertEquals(2, noise.get("checkpoints").intValue());
    assertTrue(noise.get("sd").doubleValue() > 0);
    assertTrue(noise.get("signal").doubleValue() > 0);
    assertTrue(
        Files.readString(out.resolve("report.md")).contains("of the run's last 2 checkpoints is"));
  }

  /** A checkpoint whose last matrix is another. */
  private Path another(Path checkpoint) throws IOException {
    Path copy = Files.createDirectory(folder.resolve("later"));
    try (Stream<Path> files = Files.list(checkpoint)) {
      for (Path file : files.toList()) Files.copy(file, copy.resolve(file.getFileName()));
    }
    Path weights = copy.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    for (int i = bytes.length - 4096; i < bytes.length; i++)
      bytes[i] ^= (byte) (i % 4 == 2 ? 1 : 0);
    Files.write(weights, bytes);
    return copy;
  }

  /** Examples stand before the question and the answer is generated, to its stop string. */
  @Test
  void answersAreGenerated() throws IOException {
    Path out = folder.resolve("out");
    Path task = folder.resolve("write.yaml");
    Files.writeString(
        task,
        """
        task: write
        dataset_path: json
        dataset_kwargs: {data_files: {test: %s/hs.jsonl}}
        test_split: test
        fewshot_split: test
        output_type: generate_until
        doc_to_text: "{{query}}"
        doc_to_target: "{{choices[gold]}}"
        generation_kwargs: {until: ["e"], max_gen_toks: 6}
        filter_list:
          - name: letters
            filter: [{function: regex, regex_pattern: "[a-z]+", group_select: -1}, {function: take_first}]
        """
            .formatted(LM_EVAL));
    Gemlab run = eval(out, task.toString(), "--limit", 4, "--shots", 1);
    assertEquals(0, run.exitCode(), run.err());
    List<JsonNode> samples = samples(out, "write");
    assertEquals(4, samples.size());
    for (JsonNode sample : samples) {
      assertFalse(sample.get("text").textValue().contains("e"));
      assertTrue(sample.get("tokens").get(0).intValue() <= 6);
      assertTrue(sample.get("extracted").has("letters"));
      assertTrue(sample.get("metrics").has("exact_match,letters"));
    }
  }

  /** Every token of a text is scored once, whatever the windows. */
  @Test
  void perplexityIsOverWordsBytesAndTokens() throws IOException {
    Path task = folder.resolve("text.yaml");
    Files.writeString(
        folder.resolve("text.jsonl"), "{\"text\": \"To be, or not to be: that is\"}\n");
    Files.writeString(
        task,
        """
        task: text
        dataset_path: json
        dataset_kwargs: {data_files: {test: text.jsonl}}
        test_split: test
        output_type: loglikelihood_rolling
        doc_to_text: ""
        doc_to_target: "{{text}}"
        """);
    Path out = folder.resolve("out");
    Gemlab run = eval(out, task.toString(), "--max-length", 8);
    assertEquals(0, run.exitCode(), run.err());
    JsonNode metrics =
        JsonFile.readObject(out.resolve("results.json")).get("tasks").get("text").get("metrics");
    JsonNode sample = samples(out, "text").getFirst();
    double likely = sample.get("loglikelihoods").get(0).doubleValue();
    int tokens = sample.get("tokens").get(0).intValue();
    assertTrue(tokens > 8, sample::toString);
    assertEquals(
        Math.exp(-likely / tokens),
        metrics.get("token_perplexity").get("value").doubleValue(),
        1e-6);
    assertEquals(
        Math.exp(-likely / 8), metrics.get("word_perplexity").get("value").doubleValue(), 1e-6);
    assertEquals(
        -likely / 28 / Math.log(2), metrics.get("bits_per_byte").get("value").doubleValue(), 1e-9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--limit 0              | --limit is 0; give 1 or more",
        "--max-length 99999     | the model's context (max_position_embeddings)",
        "--shots 20             | 20 examples are wanted and there are 20 documents",
        "--against nowhere      | nowhere has no results.json",
        "--formats 13           | --formats is 13; give 1 to 12",
        "--before nowhere       | nowhere has no results.json",
        "--bos sometimes        | --bos"
      })
  void wrongInputGetsALine(String flags, String message) {
    List<Object> words = new ArrayList<>(List.of(flags.split(" ")));
    Gemlab run = eval(folder.resolve("out"), ARC, words.toArray());
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains(message), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
  }

  private static final String MINE =
      """
      task: mine
      dataset_path: json
      dataset_kwargs: {data_files: {test: mine.jsonl}}
      test_split: test
      output_type: multiple_choice
      doc_to_text: "{{q}}"
      doc_to_target: "{{gold}}"
      doc_to_choice: "{{choices}}"
      """;

  private static final String LINE =
      "{\"q\": \"to be\", \"choices\": [\"or\", \"and\"], \"gold\": 0}\n";

  /** Files as a broken download or a wrong script leaves them. */
  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                              | has no documents",
        "{\"q\": \"to be\", \"choi                         | mine.jsonl, line 2 is not valid JSON",
        "[1, 2]                                          | mine.jsonl, line 2 is \"[1,2]\"; give an object",
        "{\"choices\": [\"a\"], \"gold\": 0, \"q\": [1]}     | document 1: doc_to_text gives \"[1]\"",
        "{\"q\": \"a\", \"gold\": 0}                       | document 1: doc_to_choice gives \"None\"",
        "{\"q\": \"a\", \"gold\": 0, \"choices\": []}      | document 1: doc_to_choice gives \"[]\"",
        "{\"q\": \"a\", \"gold\": 7, \"choices\": [\"a\"]} | no document's label is one of its choices"
      })
  void hostileDocumentsGetALine(String line, String message) throws IOException {
    Path task = Files.writeString(folder.resolve("mine.yaml"), MINE.replace("{{q}}", "q"));
    boolean alone = line.isEmpty() || line.contains("7");
    Files.writeString(folder.resolve("mine.jsonl"), (alone ? "" : LINE) + line);
    Path out = folder.resolve("out");
    Gemlab run = eval(out, task.toString());
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertFalse(Files.exists(out));
  }

  /** A wrong label counts as wrong and is told; an empty choice is one; what is too long is cut. */
  @Test
  void oddDocumentsAreCountedAndTold() throws IOException {
    Path task = Files.writeString(folder.resolve("mine.yaml"), MINE);
    Files.writeString(
        folder.resolve("mine.jsonl"),
        LINE
            + LINE.replace("0}", "2}")
            + LINE.replace("\"or\"", "\"\"")
            + LINE.replace("to be", "to be or not to be, that is the question"));
    Path out = folder.resolve("out");
    Gemlab run = eval(out, task.toString(), "--max-length", 8);
    assertEquals(0, run.exitCode(), run.err());
    JsonNode mine = JsonFile.readObject(out.resolve("results.json")).get("tasks").get("mine");
    assertEquals(1, mine.get("labels_without_choice").intValue());
    assertTrue(mine.get("cut_requests").intValue() >= 2, mine::toString);
    assertEquals(4, mine.get("metrics").get("acc").get("n").intValue());
    assertEquals(2, mine.get("metrics").get("bits_per_byte").get("n").intValue());
    assertEquals(0, samples(out, "mine").get(1).get("metrics").get("acc").doubleValue());
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains("the labels of 1 documents are none of their choices"), report);
    assertTrue(report.contains("were longer than the 8 tokens"), report);
  }

  /** What a run leaves that ended before its first answer doesn't stand in the way of the next. */
  @Test
  void aRunWithoutAnAnswerLeavesNothingToMind() throws IOException {
    Path out = folder.resolve("out");
    assertEquals(2, eval(out, ARC, "--max-length", 99999).exitCode());
    Gemlab run = eval(out, ARC, "--limit", 1, "--dtype", "bfloat16");
    assertEquals(0, run.exitCode(), run.err());
    Files.delete(out.resolve("model.json"));
    Gemlab nameless = eval(out, ARC, "--limit", 1, "--resume");
    assertEquals(2, nameless.exitCode());
    assertTrue(nameless.err().contains("answers of a model that it doesn't name"), nameless.err());
    Gemlab nowhere = eval(folder.resolve("o"), "piqa", "--data", folder.resolve("nowhere"));
    assertTrue(nowhere.err().contains("nowhere is no folder"), nowhere.err());
  }

  private static Gemlab eval(Path out, String tasks, Object... more) {
    List<Object> words = new ArrayList<>(List.of("eval", "--tasks", tasks, "--out", out));
    words.addAll(List.of("--path", "graph"));
    words.addAll(List.of(more));
    if (!words.contains("--data")) words.addAll(List.of("--data", LM_EVAL));
    if (!words.contains("--checkpoint")) words.addAll(List.of("--checkpoint", checkpoint));
    if (!words.contains("--dtype")) words.addAll(List.of("--dtype", "float32"));
    return Gemlab.run(words.toArray());
  }

  private static List<JsonNode> samples(Path out, String task) throws IOException {
    List<JsonNode> samples = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("samples_" + task + ".jsonl"))) {
      samples.add(new JsonMapper().readTree(line));
    }
    return samples;
  }
}
