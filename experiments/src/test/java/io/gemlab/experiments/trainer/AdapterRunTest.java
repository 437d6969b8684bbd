package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.trainer.TrainRunTest.Watcher;
import io.gemlab.graph.base.adapter.AdapterFolder;
import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.adapter.MergedCheckpoint;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.weights.FreshCheckpoint;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A run that trains an adapter of a checkpoint. */
final class AdapterRunTest {
  private static final String RECIPE =
      """
      checkpoint: %s
      lora: {rank: 4, alpha: 8, targets: [q_proj, down_proj]}
      training:
        corpus: %s
        batch: 2
        length: 16
        steps: 6
        warmup_steps: 2
        learning_rate: 1.0e-2
        diagnose_every: 3
        path: graph
        validation_sequences: 4
        evaluate_every: 6
      checkpoints: {every: 3, keep: 2}
      samples: {prompts: [], new_tokens: 3}
      """;

  @TempDir private Path folder;

  private Path base;

  @BeforeEach
  void write() {
    base = base("base", 3);
  }

  private Path base(String name, long seed) {
    Path place = folder.resolve(name);
    new FreshCheckpoint(SmallModel.config(), seed, ElementType.F32, Map.of()).write(place, _ -> {});
    return place;
  }

  @ParameterizedTest
  @EnumSource(AdapterSpec.Base.class)
  void goesOnToTheSameAdapter(AdapterSpec.Base kept) throws IOException {
    String change = "lora.base_dtype=" + kept.label();
    Path whole = folder.resolve("whole");
    run(whole, false, Integer.MAX_VALUE, change);
    Path out = folder.resolve("stopped");
    assertThrows(RunMonitor.Stopped.class, () -> run(out, false, 4, change));
    run(out, true, Integer.MAX_VALUE, change);

    assertEquals(TrainRunTest.numbers(whole), TrainRunTest.numbers(out));
    assertEquals(List.of(6, 4), TrainRunTest.stepsOf(out));
    Path last = out.resolve("checkpoints/last");
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Path other = whole.resolve("checkpoints/last").resolve(file);
      assertEquals(-1, Files.mismatch(last.resolve(file), other), file);
    }
    assertFalse(Files.exists(last.resolve("model.safetensors")));
    assertTrue(Files.exists(last.resolve("tokenizer.json")));
    try (AdapterFolder adapter = AdapterFolder.open(last);
        SafetensorsFile state = SafetensorsFile.open(last.resolve("training/state.safetensors"))) {
      assertEquals(new Lora(4, 8, List.of("q_proj", "down_proj")), adapter.lora());
      assertEquals(Optional.of(base.toString()), adapter.baseModel());
      assertTrue(
          state.tensors().keySet().stream()
              .filter(name -> name.startsWith("model."))
              .allMatch(name -> name.contains("lora_")),
          () -> state.tensors().keySet().toString());
    }
  }

  /** What validation says of the adapter, it says of the merged model. */
  @Test
  void whatIsMergedIsWhatWasTrained() throws IOException {
    Path out = folder.resolve("out");
    run(out, false, Integer.MAX_VALUE, "training.ema_decay=0.5");
    assertTrue(lastLoss(out) < firstLoss(out), "validation loss rose");
    Path merged = folder.resolve("merged");
    try (HfCheckpoint before = HfCheckpoint.open(base);
        AdapterFolder adapter = AdapterFolder.open(out.resolve("checkpoints/last"))) {
      new MergedCheckpoint(before, adapter, Optional.empty()).write(merged, _ -> {});
    }
    AdapterFolder.open(out.resolve("checkpoints/last/ema")).close();
    Path again = folder.resolve("again");
    run(merged, again, false, Integer.MAX_VALUE, "training.steps=3", "training.warmup_steps=1");
    assertEquals(lastLoss(out), firstLoss(again), 1e-5);
  }

  @Test
  void anAdapterSpeaks() throws IOException {
    Path out = folder.resolve("out");
    run(out, false, Integer.MAX_VALUE, "lora.base_dtype=int8", "samples.prompts=[To be]");
    assertTrue(
        JsonLog.read(out.resolve("evaluations.jsonl")).getLast().toString().contains("To be"));
  }

  @Test
  void anotherCheckpointInItsPlaceIsRefused() throws IOException {
    Path out = folder.resolve("out");
    assertThrows(RunMonitor.Stopped.class, () -> run(out, false, 4));
    Path other = base("other", 4).resolve("model.safetensors");
    Files.delete(base.resolve("model.safetensors"));
    Files.move(other, base.resolve("model.safetensors"));
    InvalidInput refusal =
        assertThrows(InvalidInput.class, () -> run(out, true, Integer.MAX_VALUE));
    assertTrue(refusal.getMessage().contains("has SHA-256"), refusal::getMessage);
  }

  @Test
  void whatCanNotBeIsRefusedAndNothingWritten() throws IOException {
    refused("\"lm_head\" can't have an adapter", "lora.targets=[lm_head]");
    refused("adapters are float32", "training.weights_dtype=bfloat16");
    refused("samples.prompts", "lora.base_dtype=bfloat16", "samples.prompts=[To be]");
    refused(
        "a mesh cuts only weights that are not quantized",
        "lora.base_dtype=int4",
        "training.path=pjrt:cpu",
        "training.mesh=fsdp=2");
    refused("lora.rank was 4 and is 8 now", true, "lora.rank=8");
    try (Stream<Path> entries = Files.list(folder)) {
      assertFalse(entries.anyMatch(path -> path.endsWith("out")));
    }
  }

  private void refused(String message, String... changes) {
    refused(message, false, changes);
  }

  private void refused(String message, boolean resume, String... changes) {
    Path out = folder.resolve(resume ? "resumed" : "out");
    if (resume) assertThrows(RunMonitor.Stopped.class, () -> run(out, false, 4));
    InvalidInput refusal =
        assertThrows(InvalidInput.class, () -> run(out, resume, Integer.MAX_VALUE, changes));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
  }

  private static double firstLoss(Path out) {
    return JsonLog.read(out.resolve("evaluations.jsonl"))
        .getFirst()
        .path("validation_loss")
        .asDouble();
  }

  private static double lastLoss(Path out) {
    return JsonLog.read(out.resolve("evaluations.jsonl"))
        .getLast()
        .path("validation_loss")
        .asDouble();
  }

  private void run(Path out, boolean resume, int stopAt, String... changes) throws IOException {
    run(base, out, resume, stopAt, changes);
  }

  private void run(Path checkpoint, Path out, boolean resume, int stopAt, String... changes)
      throws IOException {
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "To be, or not to be, that is it. ".repeat(60));
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(recipe, RECIPE.formatted(checkpoint, text));
    try (TrainRun run =
        TrainRun.of(recipe, List.of(changes), out, resume, Provenance.getDefaultInstance())) {
      run.run(new Watcher(stopAt), TrainRunTest.PRODUCT_RATE);
    }
  }
}
