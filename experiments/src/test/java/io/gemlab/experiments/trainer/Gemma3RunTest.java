package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.trainer.TrainRunTest.Watcher;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.weights.FreshCheckpoint;
import io.gemlab.ops.position.Rope;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that begin with a gemma3_text whose config.json is as transformers 5 writes it. */
final class Gemma3RunTest {
  private static final String RECIPE =
      """
      checkpoint: %s
      training:
        corpus: %s
        batch: 2
        length: 16
        steps: 4
        warmup_steps: 1
        learning_rate: 1.0e-2
        path: graph
        validation_sequences: 4
        evaluate_every: 4
      checkpoints: {every: 4, keep: 1}
      samples: {prompts: []}
      """;

  @TempDir private Path folder;

  private Path base;

  @BeforeEach
  void write() throws IOException {
    base = folder.resolve("base");
    ObjectNode json = ConfigJson.write(SmallModel.config());
    json.put("qk_norm", true).putNull("attn_logit_softcapping").putNull("final_logit_softcapping");
    json.put("rope_theta", 1e6).put("rope_local_base_freq", 1e4);
    json.remove("model_type");
    Gemma2Config config = ConfigJson.read(json, "small Gemma 3");
    new FreshCheckpoint(config, 3, ElementType.F32, Map.of()).write(base, _ -> {});
    Path file = base.resolve("config.json");
    ObjectNode written = JsonFile.readObject(file);
    assertEquals("gemma3_text", written.get("model_type").asText());
    written.remove(List.of("rope_theta", "rope_local_base_freq", "qk_norm", "norms"));
    ObjectNode parameters = written.putObject("rope_parameters");
    parameters.putObject("sliding_attention").put("rope_theta", 1e4).put("rope_type", "default");
    parameters.putObject("full_attention").put("rope_theta", 1e6).put("rope_type", "default");
    Files.writeString(file, written.put("_sliding_window_pattern", 6).toString());
  }

  @Test
  void aGemma3IsTrainedAndWrittenAsOne() throws IOException {
    ObjectNode written = trained("layers of their own");
    assertEquals("gemma3_text", written.get("model_type").asText());
    assertEquals(ConfigJson.read(base.resolve("config.json")), ConfigJson.read(written, "written"));
  }

  /** What a recipe changes stands in the file once, whatever spelling the checkpoint had. */
  @Test
  void aRecipeVariesItsRotaryBases() throws IOException {
    ObjectNode written =
        trained(
            "ropes", "config.rope_theta=20000", "training.layers=scanned", "training.remat=layer");
    assertFalse(written.has("rope_parameters"));
    assertEquals(Rope.of(20_000), ConfigJson.read(written, "written").rope(1));
    assertEquals(Rope.of(10_000), ConfigJson.read(written, "written").rope(0));
  }

  @Test
  void anAdapterIsTrained() throws IOException {
    Path out = run("adapter", "lora.rank=4", "lora.alpha=8", "lora.targets=[all-linear]");
    assertTrue(Files.exists(out.resolve("checkpoints/last/adapter_model.safetensors")));
  }

  /** The config.json of the checkpoint that a run ends with; its loss fell. */
  private ObjectNode trained(String name, String... changes) throws IOException {
    Path out = run(name, changes);
    List<ObjectNode> points = JsonLog.read(out.resolve("evaluations.jsonl"));
    assertTrue(
        points.getLast().path("validation_loss").asDouble()
            < points.getFirst().path("validation_loss").asDouble());
    return JsonFile.readObject(out.resolve("checkpoints/last/config.json"));
  }

  private Path run(String name, String... changes) throws IOException {
    Path text =
        Files.writeString(
            folder.resolve("text.txt"), "To be, or not to be, that is it. ".repeat(60));
    Path recipe = Files.writeString(folder.resolve("recipe.yaml"), RECIPE.formatted(base, text));
    Path out = folder.resolve(name);
    try (TrainRun run =
        TrainRun.of(recipe, List.of(changes), out, false, Provenance.getDefaultInstance())) {
      run.run(new Watcher(Integer.MAX_VALUE), TrainRunTest.PRODUCT_RATE);
    }
    return out;
  }
}
