package io.gemlab.graph.base.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.TestFiles;
import io.gemlab.graph.base.checkpoint.FolderLayout;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.HfJson;
import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PEFT's format, what of it is refused, and merging. */
class AdapterFolderTest {
  private static final Lora SOME = new Lora(3, 5, List.of("down_proj", "q_proj"));

  @TempDir Path parent;

  @Test
  void whatIsWrittenIsRead() {
    try (AdapterFolder read = AdapterFolder.open(adapter(SOME))) {
      assertEquals(new Lora(3, 5, List.of("q_proj", "down_proj")), read.lora());
      assertEquals(Optional.of("base"), read.baseModel());
      SmallAdapter.values(SOME)
          .forEach(
              (name, values) -> {
                LoraFactor factor = LoraFactor.named(name).orElseThrow();
                assertArrayEquals(values, read.values(factor.weightOf(name), factor), name);
              });
    }
  }

  @Test
  void rankStabilizedIsAnotherAlpha() throws IOException {
    Path folder = adapter(SOME);
    change(folder, "use_rslora", "true");
    try (AdapterFolder read = AdapterFolder.open(folder)) {
      assertEquals(5 / Math.sqrt(3), read.lora().scale(), 1e-12);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peft_type | \"IA3\" | peft_type is \"IA3\"",
        "use_dora | true | use_dora is true",
        "bias | \"all\" | bias is \"all\"",
        "lora_bias | true | lora_bias is true",
        "modules_to_save | [\"lm_head\"] | modules_to_save is",
        "rank_pattern | {\"q_proj\": 2} | rank_pattern is",
        "alpha_pattern | {\"q_proj\": 2} | alpha_pattern is",
        "fan_in_fan_out | true | fan_in_fan_out is true",
        "layer_replication | [[0, 4]] | layer_replication is",
        "init_lora_weights | \"pissa\" | init_lora_weights is",
        "of_next_year | {\"a\": 1} | of_next_year is",
        "r | 2 | lora_A has rank 3",
        "r | 0 | r is 0",
        "lora_alpha | 0 | alpha is 0"
      })
  void whatIsNotDoneIsRefusedByName(String key, String value, String reason) throws IOException {
    Path folder = adapter(SOME);
    change(folder, key, value);
    refused(reason, () -> AdapterFolder.open(folder).close());
  }

  @ParameterizedTest
  @CsvSource({
    "base_model.model.model.embed_tokens.lora_embedding_A, \"embed_tokens\" can't have an adapter",
    "base_model.model.lm_head.lora_A.weight, \"lm_head\" can't have an adapter",
    "base_model.model.model.norm.weight, is no factor",
    "base_model.model.model.layers.0.mlp.up_proj.lora_A.weight, has only one of"
  })
  void tensorsOfOtherModulesAreRefused(String name, String reason) {
    Path folder = adapter(SOME);
    SafetensorsWriter.write(
        folder.resolve(FolderLayout.ADAPTER_WEIGHTS),
        List.of(TensorToWrite.exactly(name, HostTensor.of(new float[6], 3, 2))),
        Map.of());
    refused(reason, () -> AdapterFolder.open(folder).close());
  }

  @Test
  void aFolderOfAnotherKindIsRefused() {
    refused("has no adapter_config.json", () -> AdapterFolder.open(golden()).close());
    refused("does not exist", () -> AdapterFolder.open(parent.resolve("absent")).close());
  }

  @Test
  void targetsAreProjections() {
    assertEquals(Lora.PROJECTIONS, new Lora(1, 1, List.of("all-linear")).targets());
    refused("did you mean q_proj", () -> new Lora(1, 1, List.of("q_prj")));
    refused("\"lm_head\" can't", () -> new Lora(1, 1, List.of("q_proj", "lm_head")));
    refused("rank is 0", () -> new Lora(0, 1, List.of("q_proj")));
    refused("no targets", () -> new Lora(1, 1, List.of()));
  }

  /** Against sums in float64; what has no adapter stays bit for bit. */
  @ParameterizedTest
  @CsvSource({"F32, 1e-6", "BF16, 4e-3", "F16, 5e-4"})
  void mergedIsBasePlusAdapter(ElementType type, double relative) {
    Path out = parent.resolve("merged");
    Map<String, float[]> factors = SmallAdapter.values(SOME);
    try (HfCheckpoint base = HfCheckpoint.open(golden());
        AdapterFolder adapter = AdapterFolder.open(adapter(SOME))) {
      MergedCheckpoint merged = new MergedCheckpoint(base, adapter, Optional.of(type));
      assertEquals(type == ElementType.F32 ? List.of() : List.of(type), merged.rounded());
      long[] written = {0};
      merged.write(out, more -> written[0] += more);
      assertEquals(merged.parameters(), written[0]);
      try (HfCheckpoint read = HfCheckpoint.open(out)) {
        assertEquals(base.tensors().keySet(), read.tensors().keySet());
        for (TensorInfo tensor : read.tensors().values()) {
          assertEquals(type, tensor.type());
          double[] expected = sum(base, tensor, factors);
          float[] found = floats(read, tensor);
          for (int i = 0; i < found.length; i++) {
            double allowed = relative * Math.max(1e-3, Math.abs(expected[i]));
            assertEquals(expected[i], found[i], allowed, tensor.name());
          }
          if (type == ElementType.F32 && !SOME.targets(tensor.name())) {
            assertEquals(-1, base.segment(tensor.name()).mismatch(read.segment(tensor.name())));
          }
        }
      }
    }
  }

  private static double[] sum(HfCheckpoint base, TensorInfo tensor, Map<String, float[]> factors) {
    float[] before = floats(base, tensor);
    double[] sum = new double[before.length];
    for (int i = 0; i < sum.length; i++) sum[i] = before[i];
    if (!SOME.targets(tensor.name())) return sum;
    float[] a = factors.get(LoraFactor.A.of(tensor.name()));
    float[] b = factors.get(LoraFactor.B.of(tensor.name()));
    int in = a.length / SOME.rank();
    for (int i = 0; i < sum.length; i++) {
      for (int k = 0; k < SOME.rank(); k++) {
        sum[i] += SOME.scale() * b[i / in * SOME.rank() + k] * a[k * in + i % in];
      }
    }
    return sum;
  }

  private static float[] floats(HfCheckpoint checkpoint, TensorInfo tensor) {
    float[] floats = new float[(int) tensor.elements()];
    checkpoint.readFloat32(tensor.name(), MemorySegment.ofArray(floats));
    return floats;
  }

  @Test
  void anotherModelsAdapterIsNotMerged() throws IOException {
    Path other = adapter(SOME);
    SafetensorsWriter.write(
        other.resolve(FolderLayout.ADAPTER_WEIGHTS),
        List.of(
            factor("base_model.model.model.layers.9.mlp.up_proj.lora_A.weight", 3, 2),
            factor("base_model.model.model.layers.9.mlp.up_proj.lora_B.weight", 2, 3)),
        Map.of());
    try (HfCheckpoint base = HfCheckpoint.open(golden());
        AdapterFolder adapter = AdapterFolder.open(other)) {
      refused(
          "changes model.layers.9.mlp.up_proj.weight [2, 2]",
          () -> new MergedCheckpoint(base, adapter, Optional.empty()));
    }
  }

  private static TensorToWrite factor(String name, int rows, int columns) {
    return TensorToWrite.exactly(name, HostTensor.of(new float[rows * columns], rows, columns));
  }

  private Path adapter(Lora lora) {
    return SmallAdapter.write(lora, parent.resolve("adapter"));
  }

  private static void change(Path folder, String key, String value) throws IOException {
    Path file = folder.resolve(FolderLayout.ADAPTER_CONFIG);
    ObjectNode json = JsonFile.readObject(file);
    ObjectNode changed =
        JsonFile.parseObject("change", ("{\"v\":" + value + "}").getBytes(StandardCharsets.UTF_8));
    json.set(key, changed.get("v"));
    Files.delete(file);
    HfJson.write(file, json);
  }

  private static Path golden() {
    return TestFiles.golden("ckpt_f32");
  }

  private static void refused(String reason, org.junit.jupiter.api.function.Executable what) {
    InvalidInput refused = assertThrows(InvalidInput.class, what);
    assertTrue(refused.getMessage().contains(reason), refused.getMessage());
  }
}
