package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code gemlab train} as a whole; what a run does, {@code TrainRunTest} checks. */
class TrainCommandTest {
  private static final String RECIPE =
      """
      preset: tiny
      config: {num_hidden_layers: 2, hidden_size: 32, intermediate_size: 64, head_dim: 8}
      training:
        corpus: %s
        batch: 2
        length: 16
        steps: 4
        warmup_steps: 2
        diagnose_every: 2
        path: graph
        validation_sequences: 4
        evaluate_every: 2
        max_grad_norm: 0.01
      checkpoints: {every: 2, keep: 1}
      samples: {prompts: [To be], new_tokens: 5}
      """;

  @TempDir Path folder;
  private Path recipe;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    out = folder.resolve("out");
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "To be, or not to be, that is it. ".repeat(60));
    recipe = Files.writeString(folder.resolve("recipe.yaml"), RECIPE.formatted(text));
  }

  @Test
  void trainsAndReports() throws IOException {
    Gemlab run = train(out);
    assertEquals(0, run.exitCode(), run.err());
    String report = Files.readString(out.resolve("report.md"));
    for (String part :
        List.of(
            "4 of 4 steps",
            "and an MFU of ",
            "**Clipped steps**: 100 %",
            "product of two float32 matrices of 2048 rows",
            "The same layer by layer",
            "After 4 steps: **To be**")) {
      assertTrue(report.contains(part), part + " is not in\n" + report);
    }
    List<String> curves = Files.readAllLines(out.resolve("curves.csv"));
    assertEquals("curve,unit,step,value", curves.getFirst());
    Map<String, Long> points =
        Map.of("train/mfu,fraction,", 4L, "validation/loss,nats a token,", 3L, "train/lost", 2L);
    points.forEach(
        (curve, count) ->
            assertEquals(
                count, curves.stream().filter(line -> line.startsWith(curve)).count(), curve));
    Files.delete(out.resolve("report.md"));
    assertEquals(0, Gemlab.run("report", out).exitCode());
    assertEquals(report, Files.readString(out.resolve("report.md")));
  }

  /** One line that names what and where, and nothing is written. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "training.steps=0 | steps is 0; give a number above 0",
        "training.step=3 | did you mean steps?",
        "steps=3 | did you mean training.steps?",
        "dtype=bf16 | did you mean checkpoints.dtype or training.dtype?",
        "training.steps=many | steps is \"many\"",
        "training.corpus=no/such.txt | no/such.txt does not exist",
        "training.corpus=no/such.jsonl | no/such.jsonl does not exist",
        "training.corpus=no/such.bin | no/such.bin does not exist",
        "training.tokenizer=no/such | no/such does not exist",
        "training.length=100000 | too few for training and validation",
        "training.validation_sequences=1 | less than a batch of 2",
        "training.path=nowhere | nowhere",
        "training.path=pjrt:no.so | no.so",
        "training.mesh=data=2 | needs the path of a device",
        "config.vocab_size=100 | the tokenizer has 260 tokens and the model's vocab_size is 100",
        "preset=tini | did you mean tiny?",
        "checkpoint=no/such | there are preset and checkpoint",
        "lora.rank=4 | give the checkpoint that the adapter is of",
      })
  void wrongInputIsOneLineAndNothingIsWritten(String change, String message) {
    refused(message, train(out, "--set", change));
  }

  @Test
  void wrongFilesAreOneLineAndNothingIsWritten() throws IOException {
    refused("does not exist", Gemlab.run("train", folder.resolve("none.yaml"), "--out", out));
    Path broken = Files.writeString(folder.resolve("broken.yaml"), "training: [\n");
    refused("is not valid YAML", Gemlab.run("train", broken, "--out", out));
    Path empty = Files.writeString(folder.resolve("empty.yaml"), "");
    refused("is no recipe", Gemlab.run("train", empty, "--out", out));
    refused("is no recipe", Gemlab.run("train", folder.resolve("text.txt"), "--out", out));
    refused("Is a directory", Gemlab.run("train", folder, "--out", out));
    Path checkpoint = Files.createDirectory(folder.resolve("checkpoint"));
    refused(
        "name a checkpoint's folder",
        train(out, "--set", "preset=null", "--set", "checkpoint=" + checkpoint));
    refused("nothing to resume", train(out, "--resume"));
  }

  @Test
  void whereNothingCanBeWrittenIsSaidFirst() {
    refused("text.txt is a file; name a folder", train(folder.resolve("text.txt")));
    refused("text.txt is a file; name a folder", train(folder.resolve("text.txt/out")));
    refused(
        " left; free some or name another disk",
        train(out, "--set", "checkpoints.keep=2000000000"));
  }

  private Gemlab train(Path place, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("train", recipe, "--out", place));
    arguments.addAll(Arrays.asList(more));
    return Gemlab.run(arguments.toArray());
  }

  private void refused(String message, Gemlab run) {
    assertEquals(2, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(message), run.err());
    try (Stream<Path> entries = Files.list(folder)) {
      assertTrue(entries.noneMatch(out::equals), "something was written");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
