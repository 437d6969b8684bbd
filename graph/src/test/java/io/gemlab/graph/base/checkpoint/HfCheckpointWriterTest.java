package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HfCheckpointWriterTest {
  private static final long ONE_FILE = Long.MAX_VALUE;

  @TempDir Path parent;

  static List<TensorToWrite> weights(HfCheckpoint checkpoint, ElementType type) {
    return checkpoint.tensors().values().stream()
        .map(
            info ->
                new TensorToWrite(
                    info.name(),
                    type,
                    info.shape(),
                    Float32Tensor.of(info.type(), checkpoint.segment(info.name())).stream()))
        .toList();
  }

  @Test
  void aSingleFileIsHuggingFacesByteForByte() throws IOException {
    Path folder = parent.resolve("deep").resolve("copy");
    try (HfCheckpoint golden = HfCheckpoint.open(golden("ckpt_f32"))) {
      List<TensorToWrite> weights = weights(golden, ElementType.F32);
      HfCheckpointWriter.write(folder, golden.files(), weights, ONE_FILE);
    }
    Path weights = golden("ckpt_f32/model.safetensors");
    assertEquals(-1, Files.mismatch(weights, folder.resolve("model.safetensors")));
    for (String name : List.of("config.json", "generation_config.json")) {
      assertEquals(
          JsonFile.readObject(golden("ckpt_f32").resolve(name)),
          JsonFile.readObject(folder.resolve(name)));
    }
  }

  @Test
  void shardsAreNamedAndIndexedAsHuggingFaceDoes() throws IOException {
    Path folder = Files.createDirectory(parent.resolve("empty"));
    try (HfCheckpoint golden = HfCheckpoint.open(golden("ckpt_f32"))) {
      HfCheckpointWriter.write(folder, golden.files(), weights(golden, ElementType.F32), 250_000);
      ObjectNode index = JsonFile.readObject(folder.resolve("model.safetensors.index.json"));
      assertEquals(921_856, index.path("metadata").path("total_size").asLong());
      assertEquals(46, index.path("weight_map").size());
      assertTrue(Files.exists(folder.resolve("model-00001-of-00004.safetensors")));
      assertFalse(Files.exists(folder.resolve("model.safetensors")));
      try (HfCheckpoint written = HfCheckpoint.open(folder)) {
        for (String name : golden.tensors().keySet()) {
          assertEquals(-1, golden.segment(name).mismatch(written.segment(name)), name);
        }
      }
    }
  }

  @Test
  void aTensorLargerThanAShardHasItsOwn() throws IOException {
    Path folder = parent.resolve("tiny-shards");
    try (HfCheckpoint golden = HfCheckpoint.open(golden("ckpt_f32"))) {
      HfCheckpointWriter.write(folder, golden.files(), weights(golden, ElementType.F16), 1);
    }
    assertTrue(Files.exists(folder.resolve("model-00046-of-00046.safetensors")));
  }

  @ParameterizedTest
  @CsvSource({
    "ckpt_f32, BF16, dtype, bfloat16",
    "ckpt_f32_sharded, F16, torch_dtype, float16",
    "ckpt_bf16, F32, dtype, float32"
  })
  void theConfigurationSaysWhatTypeTheWeightsHave(
      String name, ElementType type, String key, String value) {
    Path folder = parent.resolve(name);
    try (HfCheckpoint golden = HfCheckpoint.open(golden(name))) {
      HfCheckpointWriter.write(folder, golden.files(), weights(golden, type), ONE_FILE);
    }
    ObjectNode config = JsonFile.readObject(folder.resolve("config.json"));
    assertEquals(value, config.path(key).asText());
    assertFalse(config.has("dtype") && config.has("torch_dtype"));
  }

  @Test
  void aConfigurationWithoutATypeGetsTheSpellingThatEveryVersionReads() {
    ObjectNode config = JsonFile.readObject(golden("ckpt_f32/config.json"));
    config.remove("dtype");
    Path folder = parent.resolve("written");
    try (HfCheckpoint golden = HfCheckpoint.open(golden("ckpt_f32"))) {
      HfCheckpointWriter.write(
          folder, CheckpointFiles.of(config), weights(golden, ElementType.BF16), ONE_FILE);
    }
    ObjectNode written = JsonFile.readObject(folder.resolve("config.json"));
    assertEquals("bfloat16", written.path("torch_dtype").asText());
    assertFalse(config.has("torch_dtype"));
    assertFalse(Files.exists(folder.resolve("generation_config.json")));
  }

  /** As Python's json writes it; as a text it would be another type to whoever reads it. */
  @Test
  void anInfinityIsWrittenAsOne() throws IOException {
    ObjectNode config = JsonFile.readObject(golden("ckpt_f32/config.json"));
    config.put("unused", Double.POSITIVE_INFINITY);
    Path folder = parent.resolve("written");
    try (HfCheckpoint golden = HfCheckpoint.open(golden("ckpt_f32"))) {
      HfCheckpointWriter.write(
          folder, CheckpointFiles.of(config), weights(golden, ElementType.F32), ONE_FILE);
    }
    String written = Files.readString(folder.resolve("config.json"));
    assertTrue(written.contains("\"unused\": Infinity"), written);
  }

  @Test
  void copiesTheTokenizer() throws IOException {
    Path tokenizer = Files.writeString(parent.resolve("tokenizer.json"), "{}");
    Path folder = parent.resolve("written");
    try (HfCheckpoint golden = HfCheckpoint.open(golden("ckpt_f32"))) {
      CheckpointFiles files =
          new CheckpointFiles(
              golden.files().config(), Optional.empty(), Map.of("tokenizer.json", tokenizer));
      HfCheckpointWriter.write(folder, files, weights(golden, ElementType.F32), ONE_FILE);
    }
    assertEquals("{}", Files.readString(folder.resolve("tokenizer.json")));
  }

  @Test
  void refusesATakenFolder() throws IOException {
    Path folder = Files.createDirectory(parent.resolve("taken"));
    Files.writeString(folder.resolve("precious.txt"), "mine");
    try (HfCheckpoint golden = HfCheckpoint.open(golden("ckpt_f32"))) {
      List<TensorToWrite> weights = weights(golden, ElementType.F32);
      String message =
          assertThrows(
                  InvalidInput.class,
                  () -> HfCheckpointWriter.write(folder, golden.files(), weights, ONE_FILE))
              .getMessage();
      assertTrue(message.contains("already holds precious.txt"), message);
    }
    assertEquals("mine", Files.readString(folder.resolve("precious.txt")));
  }

  @Test
  void leavesNothingBehindWhenItFails() {
    TensorToWrite failing =
        new TensorToWrite(
            "a",
            ElementType.F32,
            TensorShape.of(1),
            target -> {
              throw new IllegalStateException("the device is gone");
            });
    Path folder = parent.resolve("written");
    CheckpointFiles files = CheckpointFiles.of(JsonFile.readObject(golden("ckpt_f32/config.json")));
    assertThrows(
        IllegalStateException.class,
        () -> HfCheckpointWriter.write(folder, files, List.of(failing), ONE_FILE));
    assertEquals(0, parent.toFile().list().length);
  }
}
