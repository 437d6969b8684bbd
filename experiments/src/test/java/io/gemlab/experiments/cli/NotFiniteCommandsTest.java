package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.checkpoint.HfCheckpointWriter;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.weights.ModelWeights;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the commands say of weights, results and steps that are no numbers. */
class NotFiniteCommandsTest {
  private static final String NORM = "model.layers.1.input_layernorm.weight";

  @TempDir Path folder;
  private Path ids;

  @BeforeEach
  void write() throws IOException {
    ids = SmallModel.ids(folder);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16", "F16"})
  void aWeightThatIsNotIsNamedBeforeAnythingRuns(ElementType stored) {
    Path checkpoint = checkpoint(NORM, 7, Float.NaN, stored);
    Path out = folder.resolve("out");
    for (List<Object> command :
        List.of(
            List.<Object>of("logits", "--ids", ids, "--out", out),
            List.<Object>of("logits", "--ids", ids, "--out", out, "--dtype", "bfloat16"),
            List.<Object>of("step", "--ids", ids, "--steps", "1", "--out", out),
            List.<Object>of("generate", "--ids", ids, "--out", out, "--dtype", "float32"),
            List.<Object>of("generate", "--ids", ids, "--out", out, "--quantize", "int8"))) {
      List<Object> words = new ArrayList<>(command);
      words.addAll(List.of("--checkpoint", checkpoint, "--path", "graph"));
      Gemlab run = Gemlab.run(words.toArray());
      assertEquals(2, run.exitCode(), words + run.err());
      assertTrue(run.err().contains(NORM + " holds NaN at [7]"), run.err());
      assertFalse(Files.exists(out));
    }
  }

  @Test
  void aWeightBeyondTheTypeItIsKeptInIsNamed() {
    Path checkpoint = checkpoint(NORM, 3, 1e6f, ElementType.F32);
    Gemlab run = logits(checkpoint, "--dtype", "float16");
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(NORM + " is too large for float16 at [3]"), run.err());
    assertEquals(0, logits(checkpoint, "--dtype", "bfloat16").exitCode());
  }

  @ParameterizedTest
  @CsvSource({"graph, --path", "fused, --hidden-states"})
  void anOverflowOnTheWayFailsAndSaysWhereItBegan(String path, String more) {
    Path checkpoint = checkpoint(NORM, 3, 60_000, ElementType.F32);
    Gemlab run =
        more.equals("--path")
            ? logits(checkpoint, "--dtype", "float16", "--path", path)
            : logits(checkpoint, "--dtype", "float16", "--path", path, more);
    assertEquals(1, run.exitCode(), run.err());
    String first = more.equals("--path") ? "logits holds " : "hidden.layer1 holds ";
    assertTrue(run.err().contains(first), run.err());
    assertFalse(Files.exists(folder.resolve("logits.safetensors")));
  }

  @Test
  void aDivergedStepFailsAndKeepsItsLosses() throws IOException {
    Path checkpoint = checkpoint(NORM, 0, 1, ElementType.F32);
    Path out = folder.resolve("out");
    Gemlab run =
        Gemlab.run(
            "step",
            "--checkpoint",
            checkpoint,
            "--ids",
            ids,
            "--out",
            out,
            "--steps",
            "3",
            "--learning-rate",
            "1e30",
            "--path",
            "graph");
    assertEquals(1, run.exitCode(), run.err());
    assertTrue(run.err().contains("the loss is NaN after "), run.err());
    assertEquals("step.json", String.join(" ", out.toFile().list()));
    JsonNode losses = JsonFile.readObject(out.resolve("step.json")).get("losses");
    assertTrue(losses.get(0).isNumber());
    assertTrue(losses.get(losses.size() - 1).isNull(), losses::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"input_ids\": [[5]]}",
        "{\"input_ids\": [[5, 6, 7]], \"attention_mask\": [[0, 0, 0]]}",
        "{\"input_ids\": [[0, 6], [5, 0]], \"attention_mask\": [[0, 1], [1, 0]]}"
      })
  void aBatchWithoutALabelIsRefused(String json) throws IOException {
    Path checkpoint = checkpoint(NORM, 0, 1, ElementType.F32);
    Path out = folder.resolve("out");
    Path none = Files.writeString(folder.resolve("none.json"), json);
    Gemlab run =
        Gemlab.run("step", "--checkpoint", checkpoint, "--ids", none, "--out", out, "--steps", "1");
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains("no token to learn from"), run.err());
    assertFalse(Files.exists(out));
  }

  private Gemlab logits(Path checkpoint, String... more) {
    List<Object> words =
        new ArrayList<>(
            List.of(
                "logits",
                "--checkpoint",
                checkpoint,
                "--ids",
                ids,
                "--out",
                folder.resolve("logits.safetensors")));
    words.addAll(List.of(more));
    return Gemlab.run(words.toArray());
  }

  /** The small model with one element of one weight set. */
  private Path checkpoint(String changed, int element, float value, ElementType stored) {
    Path written = folder.resolve("checkpoint");
    try (Arena arena = Arena.ofConfined()) {
      List<TensorToWrite> tensors = new ArrayList<>();
      for (WeightSpec weight : WeightSpec.of(SmallModel.config())) {
        HostTensor fresh = ModelWeights.fresh(weight, 1, arena);
        if (weight.name().equals(changed)) {
          fresh.data().setAtIndex(ValueLayout.JAVA_FLOAT, element, value);
        }
        tensors.add(
            new TensorToWrite(
                weight.name(), stored, weight.shape(), Float32Tensor.of(fresh.data()).stream()));
      }
      HfCheckpointWriter.write(
          written,
          CheckpointFiles.of(ConfigJson.write(SmallModel.config())),
          tensors,
          Long.MAX_VALUE);
    }
    return written;
  }
}
