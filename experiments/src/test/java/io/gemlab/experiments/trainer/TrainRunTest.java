package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.generate.GenerationOptions;
import io.gemlab.graph.generate.Prompt;
import io.gemlab.graph.path.product.Products;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training run in its folder, of a model of two small layers. */
final class TrainRunTest {
  private static final String RECIPE =
      """
      preset: tiny
      config: {num_hidden_layers: 2, hidden_size: 32, intermediate_size: 64, head_dim: 8}
      training:
        corpus: %s
        batch: 2
        length: 16
        steps: 9
        warmup_steps: 2
        diagnose_every: 0
        path: graph
        validation_sequences: 4
        evaluate_every: 4
      checkpoints: {every: 3, keep: 2}
      samples: {prompts: [], new_tokens: 5}
      """;

  /** Of every machine, so that no test measures one. */
  static final ToDoubleFunction<Precision> PRODUCT_RATE = _ -> 1e11;

  @TempDir private Path folder;

  @Test
  void leavesMetricsCheckpointsAndAReport() throws IOException {
    Path out = folder.resolve("out");
    run(out, false, new Watcher(Integer.MAX_VALUE), "samples.prompts=[To be]");

    List<ObjectNode> steps = JsonLog.read(out.resolve("metrics.jsonl"));
    assertEquals(9, steps.size());
    for (ObjectNode step : steps) {
      assertEquals(32, step.path("tokens").asInt());
      assertEquals(step.path("loss").asDouble(), step.path("loss_sum").asDouble() / 32, 1e-6);
      assertEquals(64, step.path("batch_sha256").asText().length());
      assertTrue(step.path("grad_norm").asDouble() > 0);
      assertEquals(
          32 / step.path("seconds").asDouble(), step.path("tokens_per_second").asDouble(), 1e-2);
      assertEquals(
          step.path("model_flops").asDouble() / step.path("seconds").asDouble() / 1e11,
          step.path("mfu").asDouble(),
          1e-6);
    }
    assertEquals(List.of(9, 6), stepsOf(out));
    Path last = out.resolve("checkpoints/last");
    assertEquals(Path.of("step-9"), Files.readSymbolicLink(last));
    assertEquals(
        List.of(0, 4, 8, 9),
        JsonLog.read(out.resolve("evaluations.jsonl")).stream()
            .map(line -> line.path("step").asInt())
            .toList());
    assertTrue(Files.readString(out.resolve("report.md")).contains("validation loss"));
    try (Gemma2 gemma = Gemma2.load(last)) {
      assertEquals(
          3,
          gemma
              .generate(Prompt.text("To be"), GenerationOptions.defaults().withMaxNewTokens(3))
              .tokens()
              .ids()
              .length);
    }
  }

  /** Whoever generates with it waits for the end that it was taught. */
  @Test
  void conversationsTeachAnEndThatTheCheckpointNames() throws IOException {
    Path out = folder.resolve("out");
    run(
        out,
        false,
        new Watcher(Integer.MAX_VALUE),
        "training.corpus=" + GoldenFiles.of("chat/gsm8k_sample.jsonl"),
        "training.tokenizer=" + GoldenFiles.of("tokenizer/tokenizer_gemmalike.model"),
        "config.vocab_size=8192",
        "training.rows=documents",
        "training.length=400",
        "training.batch=1",
        "training.validation_fraction=0.3",
        "training.validation_sequences=1",
        "training.steps=3");
    for (ObjectNode step : JsonLog.read(out.resolve("metrics.jsonl"))) {
      assertTrue(step.path("tokens").asInt() < 400, step::toString);
    }
    Path last = out.resolve("checkpoints/last");
    assertTrue(
        Files.readString(last.resolve("generation_config.json"))
            .replaceAll("\\s", "")
            .contains("\"eos_token_id\":[1,107]"));
  }

  @Test
  void goesOnToTheSameNumbersFromWhereItWasStopped() throws IOException {
    Path whole = folder.resolve("whole");
    run(whole, false, new Watcher(Integer.MAX_VALUE));
    for (int stopped : List.of(4)) {
      Path out = folder.resolve("stopped" + stopped);
      assertThrows(RunMonitor.Stopped.class, () -> run(out, false, new Watcher(stopped)));
      run(out, true, new Watcher(Integer.MAX_VALUE));
      assertEquals(numbers(whole), numbers(out));
      assertArrayEquals(weights(whole), weights(out));
    }
  }

  @Test
  void stepsAreTheSameInMicroBatchesAndKeepARunningMean() throws IOException {
    Path whole = folder.resolve("whole");
    run(whole, false, new Watcher(Integer.MAX_VALUE), "training.steps=4");
    Path pieces = folder.resolve("pieces");
    run(
        pieces,
        false,
        new Watcher(Integer.MAX_VALUE),
        "training.steps=4",
        "training.accumulate=2",
        "training.ema_decay=0.5",
        "training.diagnose_every=2");

    List<ObjectNode> one = JsonLog.read(whole.resolve("metrics.jsonl"));
    List<ObjectNode> two = JsonLog.read(pieces.resolve("metrics.jsonl"));
    for (int i = 0; i < one.size(); i++) {
      assertEquals(one.get(i).get("batch_sha256"), two.get(i).get("batch_sha256"));
      assertEquals(one.get(i).get("tokens"), two.get(i).get("tokens"));
      assertEquals(one.get(i).get("loss").asDouble(), two.get(i).get("loss").asDouble(), 2e-5);
    }
    List<ObjectNode> looked = JsonLog.read(pieces.resolve("diagnostics.jsonl"));
    assertEquals(2, looked.size());
    assertEquals(2, looked.getFirst().path("largest_attention_logit").size());
    try (Gemma2 mean = Gemma2.load(pieces.resolve("checkpoints/last/ema"))) {
      assertEquals(2, mean.config().numHiddenLayers());
    }
  }

  @Test
  void goesOnFromTheCheckpointBeforeOneThatIsDamaged() throws IOException {
    Path whole = folder.resolve("whole");
    run(whole, false, new Watcher(Integer.MAX_VALUE));
    Path out = folder.resolve("out");
    assertThrows(RunMonitor.Stopped.class, () -> run(out, false, new Watcher(7)));
    Path state = out.resolve("checkpoints/step-7/training/state.safetensors");
    byte[] bytes = Files.readAllBytes(state);
    bytes[bytes.length / 2] ^= 1;
    Files.write(state, bytes);
    Watcher watcher = new Watcher(Integer.MAX_VALUE);

    run(out, true, watcher);

    assertEquals(numbers(whole), numbers(out));
    assertTrue(
        watcher.said.toString().contains("step-7 is damaged: training/state.safetensors"),
        watcher.said::toString);
    assertTrue(Files.exists(out.resolve("checkpoints/damaged-step-7")));
  }

  @Test
  void aFinishedRunCanBeExtended() throws IOException {
    Path out = folder.resolve("out");
    run(out, false, new Watcher(Integer.MAX_VALUE), "training.steps=6");
    run(out, true, new Watcher(Integer.MAX_VALUE), "training.steps=8");
    assertEquals(8, JsonLog.read(out.resolve("metrics.jsonl")).size());
    assertEquals(List.of(8, 6), stepsOf(out));
  }

  @Test
  void anotherRecipeIsRefusedAndNothingChanges() throws IOException {
    Path out = folder.resolve("out");
    assertThrows(RunMonitor.Stopped.class, () -> run(out, false, new Watcher(4)));
    String metrics = Files.readString(out.resolve("metrics.jsonl"));

    refused(
        out,
        true,
        "training.learning_rate was 0.004 and is 0.001 now",
        "training.learning_rate=1e-3");
    refused(out, true, "has done 4 steps and the recipe has 2", "training.steps=2");
    refused(out, false, "is not empty; give --resume", "training.steps=9");

    assertEquals(metrics, Files.readString(out.resolve("metrics.jsonl")));
    run(out, true, new Watcher(Integer.MAX_VALUE), "checkpoints.keep=1", "training.path=clustered");
    assertEquals(List.of(9), stepsOf(out));
  }

  @Test
  void whatCannotBeIsRefusedBeforeTheFolderIsMade() throws IOException {
    Path out = folder.resolve("out");
    refused(out, false, "\"step\" is not known; did you mean steps?", "training.step=3");
    refused(out, false, "no/such.txt does not exist", "training.corpus=no/such.txt");
    refused(
        out, false, "give a batch that is a multiple", "training.accumulate=3", "training.batch=4");
    refused(out, false, "the tokenizer has 260 tokens", "config.vocab_size=100");
    refused(
        out,
        false,
        "cuts a batch into 3, but texts are generated by 1, 2, 4",
        "training.path=pjrt:cpu",
        "training.mesh=data=3",
        "samples.prompts=[To be]");
    refused(out, false, "nothing to resume");
    assertFalse(Files.exists(out));
  }

  @Test
  void aResumedRunKeepsItsChoiceOfProducts() throws IOException {
    Path out = folder.resolve("out");
    assertThrows(
        RunMonitor.Stopped.class,
        () -> run(out, false, Products.parse("transposed"), new Watcher(4)));
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class,
            () -> run(out, true, Products.parse("tensorflow"), new Watcher(Integer.MAX_VALUE)));
    assertTrue(refusal.getMessage().contains("begun with products transposed"));
    run(out, true, new Watcher(Integer.MAX_VALUE));
    List<String> said =
        JsonLog.read(out.resolve("events.jsonl")).stream()
            .filter(line -> line.path("event").asText().equals("products"))
            .map(line -> line.path("text").asText())
            .toList();
    assertEquals(2, said.size());
    assertTrue(said.getFirst().contains(" transposed (float32 "), said::toString);
    assertEquals(said.getFirst(), said.getLast());
  }

  private void refused(Path out, boolean resume, String message, String... changes) {
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class,
            () -> run(out, resume || changes.length == 0, new Watcher(Integer.MAX_VALUE), changes));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
  }

  private void run(Path out, boolean resume, RunMonitor monitor, String... changes)
      throws IOException {
    run(out, resume, Products.measured(), monitor, changes);
  }

  private void run(
      Path out, boolean resume, Products products, RunMonitor monitor, String... changes)
      throws IOException {
    Path text = folder.resolve("text.txt");
    if (!Files.exists(text))
      Files.writeString(text, "To be, or not to be, that is it. ".repeat(60));
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(recipe, RECIPE.formatted(text));
    try (TrainRun run =
        TrainRun.of(
            recipe,
            List.of(changes),
            out,
            resume,
            Optional.empty(),
            products,
            Provenance.getDefaultInstance())) {
      run.run(monitor, PRODUCT_RATE);
    }
  }

  static List<Integer> stepsOf(Path out) {
    return Checkpoints.newestFirst(out.resolve("checkpoints")).stream()
        .map(Checkpoints::steps)
        .toList();
  }

  /** All that the run's logs say, but how long it took. */
  static List<ObjectNode> numbers(Path out) {
    List<ObjectNode> lines = new ArrayList<>(JsonLog.read(out.resolve("metrics.jsonl")));
    lines.addAll(JsonLog.read(out.resolve("evaluations.jsonl")));
    lines.forEach(line -> line.remove(List.of("seconds", "tokens_per_second", "mfu")));
    return lines;
  }

  private static byte[] weights(Path out) throws IOException {
    return Files.readAllBytes(out.resolve("checkpoints/last/model.safetensors"));
  }

  /** Stops a run when so many steps are done. */
  static final class Watcher implements RunMonitor {
    private final int stopAt;
    final List<String> said = new ArrayList<>();
    private int done;

    Watcher(int stopAt) {
      this.stopAt = stopAt;
    }

    @Override
    public void worked(long units) {
      done += (int) units;
    }

    @Override
    public void now(String what) {}

    @Override
    public void said(String line) {
      said.add(line);
    }

    @Override
    public void check() {
      if (done >= stopAt) throw new Stopped();
    }
  }
}
