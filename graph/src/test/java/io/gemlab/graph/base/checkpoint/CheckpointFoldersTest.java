package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Folders as people have them: each that Hugging Face's transformers (5.23.0) loads without a
 * missing weight gives the tensors of the golden checkpoint, whose logits are its own; and each
 * other is refused by what it is.
 */
class CheckpointFoldersTest {
  private static final String EMBEDDING = TensorNames.EMBED_TOKENS;
  private static final String HEAD = TensorNames.LM_HEAD;
  private static final String LAYER_PART = "model.layers.0.mlp.down_proj";
  private static final Float32Stream ZEROS = target -> target.fill((byte) 0);

  @TempDir Path folder;
  private HfCheckpoint golden;

  @BeforeEach
  void open() throws IOException {
    golden = HfCheckpoint.open(golden("ckpt_bf16"));
    Files.copy(golden("ckpt_bf16/config.json"), folder.resolve("config.json"));
  }

  @AfterEach
  void close() {
    golden.close();
  }

  @Test
  void anIndexBesideTheOnlyFile() throws IOException {
    write(renamed(name -> name));
    index(golden.tensors().keySet(), FolderLayout.SINGLE);
    assertLoads();
  }

  @Test
  void anIndexOfShardsThatAreGone() throws IOException {
    write(renamed(name -> name));
    index(golden.tensors().keySet(), FolderLayout.shard(1, 2));
    assertLoads();
  }

  @Test
  void theTiedMatrixUnderTheHeadsName() {
    write(renamed(name -> name.equals(EMBEDDING) ? HEAD : name));
    assertLoads();
  }

  @Test
  void namesOfTheBareModel() {
    write(renamed(name -> name.substring("model.".length())));
    assertLoads();
  }

  /** The wider copy holds the same values. */
  @ParameterizedTest
  @CsvSource({"BF16, true", "F32, true", "BF16, false", "F32, false"})
  void aCopyOfTheEmbeddingAsHead(ElementType type, boolean listed) throws IOException {
    List<TensorToWrite> tensors = renamed(name -> name);
    tensors.add(
        new TensorToWrite(
            HEAD,
            type,
            golden.tensors().get(EMBEDDING).shape(),
            golden.float32(EMBEDDING).stream()));
    String shard = FolderLayout.shard(1, 1);
    SafetensorsWriter.write(folder.resolve(shard), tensors, Map.of());
    Collection<String> names = new HashSet<>(golden.tensors().keySet());
    if (listed) names.add(HEAD);
    index(names, shard);
    assertLoads();
  }

  @Test
  void aHeadThatDiffersInOneNumber() {
    List<TensorToWrite> tensors = renamed(name -> name);
    TensorShape shape = golden.tensors().get(EMBEDDING).shape();
    Float32Tensor other =
        (first, target) -> {
          golden.float32(EMBEDDING).read(first, target);
          if (first == 0) target.set(ValueLayout.JAVA_FLOAT, 4, 1000);
        };
    tensors.add(new TensorToWrite(HEAD, ElementType.BF16, shape, other.stream()));
    write(tensors);
    String message = refusal();
    assertTrue(message.contains("by up to 1000") || message.contains("by up to 999"), message);
  }

  @Test
  void buffersThatCarryNoWeights() {
    List<TensorToWrite> tensors = renamed(name -> name);
    tensors.add(extra("model.layers.0.self_attn.rotary_emb.inv_freq"));
    write(tensors);
    assertLoads();
  }

  @Test
  void shardsInASubfolder() throws IOException {
    Files.createDirectory(folder.resolve("weights"));
    String shard = "weights/" + FolderLayout.shard(1, 1);
    SafetensorsWriter.write(folder.resolve(shard), renamed(name -> name), Map.of());
    index(golden.tensors().keySet(), shard);
    assertLoads();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"rope_scaling\": {\"rope_type\": \"default\"}",
        "\"rope_scaling\": {\"type\": \"default\"}",
        "\"hidden_size\": 7, \"hidden_size\": 64",
        "\"initializer_range\": Infinity, \"unused\": NaN"
      })
  void spellingsOfTheConfiguration(String more) throws IOException {
    write(renamed(name -> name));
    String config = Files.readString(folder.resolve("config.json"));
    Files.writeString(folder.resolve("config.json"), config.replaceFirst("\\{", "{" + more + ","));
    assertLoads();
  }

  @Test
  void anEmptyGenerationConfigIsNone() throws IOException {
    write(renamed(name -> name));
    Files.createFile(folder.resolve("generation_config.json"));
    assertLoads();
    try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
      assertTrue(checkpoint.files().generationConfig().isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "base_model.model., a PEFT model",
    "_orig_mod., torch.compile's wrapper",
    "module., a data-parallel wrapper",
    "language_model., a multimodal model",
    "model.language_model., a multimodal model",
    "student., another module"
  })
  void aPrefixBeforeAllNames(String prefix, String wrapper) {
    write(renamed(name -> prefix + name));
    assertRefused(
        "was saved from inside " + wrapper + ": all its tensors' names begin with \"" + prefix);
  }

  @ParameterizedTest
  @CsvSource({
    "score.weight, reward model or classifier",
    "v_head.summary.weight, reward model or classifier",
    LAYER_PART + ".qweight, is quantized (gptq or awq)",
    LAYER_PART + ".weight.absmax, is quantized (bitsandbytes)",
    LAYER_PART + ".weight_scale_inv, is quantized (fp8 or compressed-tensors)",
    LAYER_PART + ".biases, is quantized (mlx)",
    LAYER_PART + ".lora_A.weight, is an adapter",
  })
  void aTensorThatTellsWhatItIs(String name, String kind) {
    List<TensorToWrite> tensors = renamed(same -> same);
    tensors.add(extra(name));
    write(tensors);
    assertRefused(kind);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"quant_method\": \"gptq\", \"bits\": 4} | gptq, 4 bits",
        "{\"load_in_4bit\": true} | bitsandbytes, 4 bits",
        "{\"quant_method\": \"fp8\"} | fp8",
        "{\"bits\": 3} | quant_method not given, 3 bits"
      })
  void plainWeightsThatAreLabelledQuantized(String quantization, String method) throws IOException {
    write(renamed(name -> name));
    String config = Files.readString(folder.resolve("config.json"));
    Files.writeString(
        folder.resolve("config.json"),
        config.replaceFirst("\\{", "{\"quantization_config\": " + quantization + ","));
    assertRefused("says in config.json that it is quantized (" + method + ")");
    assertRefused("if the weights are plain, remove quantization_config");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"quantization_config\": {},", "\"quantization_config\": null,"})
  void anEmptyQuantizationIsNone(String entry) throws IOException {
    write(renamed(name -> name));
    Path file = folder.resolve("config.json");
    Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{" + entry));
    CheckpointKind.requireReadable(folder);
  }

  @Test
  void anAdapter() throws IOException {
    Files.writeString(
        folder.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"gemma-2-2b\"}");
    assertRefused("is an adapter of \"gemma-2-2b\" and no whole model: merge it");
    write(renamed(name -> name));
    assertRefused(
        "holds an adapter of \"gemma-2-2b\" (adapter_config.json) beside a whole model's");
  }

  @ParameterizedTest
  @CsvSource({
    "pytorch_model.bin, PyTorch's pickle (pytorch_model.bin)",
    "model.ckpt, PyTorch's pickle (model.ckpt)",
    "gemma-2-2b.Q4_K_M.gguf, GGUF (gemma-2-2b.Q4_K_M.gguf)"
  })
  void anotherFormat(String file, String format) throws IOException {
    Files.createFile(folder.resolve(file));
    assertRefused("holds its weights as " + format + " and not as safetensors");
  }

  @Test
  void shardsWithoutTheirIndex() throws IOException {
    Files.createFile(folder.resolve(FolderLayout.shard(1, 2)));
    assertRefused("has model-00001-of-00002.safetensors and neither model.safetensors nor");
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "generation_config.json", "model.safetensors"})
  void aPointerOrABrokenLinkInAFilesPlace(String name) throws IOException {
    write(renamed(same -> same));
    Path file = folder.resolve(name);
    Files.writeString(
        file, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
    assertRefused("was cloned without Git LFS: " + name + " is a Git LFS pointer");
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("../../blobs/4d7a"));
    assertRefused("has a broken link: " + name + " leads to ../../blobs/4d7a");
  }

  @Test
  void aFolderOfTheCache() throws IOException {
    Path model = folder.resolve("models--google--gemma-2-2b");
    Path snapshot = Files.createDirectories(model.resolve("snapshots/c5eb"));
    for (Path place : List.of(folder, model)) {
      String message = refusal(place);
      assertTrue(message.contains("a folder of Hugging Face's cache"), message);
      assertTrue(message.contains("such as " + snapshot), message);
    }
  }

  @Test
  void aTrainingRun() throws IOException {
    Path last = Files.createDirectories(folder.resolve("checkpoints/last"));
    assertRefused("is the folder of a training run: name a checkpoint in it, such as " + last);
  }

  @Test
  void aFileAndNoFolder() {
    write(renamed(name -> name));
    String message = refusal(folder.resolve(FolderLayout.SINGLE));
    assertTrue(message.contains("is a file and not a folder"), message);
  }

  @Test
  void describesWhatLoads() {
    write(renamed(name -> name));
    assertEquals(
        "holds one safetensors file, model.safetensors", CheckpointKind.of(folder).description());
    assertEquals(
        "holds 4 safetensors shards, listed in model.safetensors.index.json",
        CheckpointKind.of(golden("ckpt_f32_sharded")).description());
  }

  private List<TensorToWrite> renamed(UnaryOperator<String> rename) {
    List<TensorToWrite> tensors = new ArrayList<>();
    golden
        .tensors()
        .forEach(
            (name, tensor) ->
                tensors.add(
                    new TensorToWrite(
                        rename.apply(name),
                        tensor.type(),
                        tensor.shape(),
                        golden.float32(name).stream())));
    return tensors;
  }

  private static TensorToWrite extra(String name) {
    return new TensorToWrite(name, ElementType.F32, TensorShape.of(2), ZEROS);
  }

  private void write(List<TensorToWrite> tensors) {
    SafetensorsWriter.write(folder.resolve(FolderLayout.SINGLE), tensors, Map.of("format", "pt"));
  }

  private void index(Collection<String> names, String shard) throws IOException {
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    ObjectNode map = index.putObject("weight_map");
    names.forEach(name -> map.put(name, shard));
    Files.writeString(folder.resolve(FolderLayout.INDEX), index.toString());
  }

  private void assertLoads() {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
      assertEquals(golden.tensors().keySet(), new HashSet<>(checkpoint.tensors().keySet()));
      for (String name : golden.tensors().keySet()) {
        assertEquals(name, checkpoint.tensors().get(name).name());
        assertEquals(-1, golden.segment(name).mismatch(checkpoint.segment(name)), name);
      }
    }
  }

  private void assertRefused(String reason) {
    String message = refusal();
    assertTrue(message.contains(reason), message);
  }

  private String refusal() {
    return refusal(folder);
  }

  private static String refusal(Path folder) {
    String message =
        assertThrows(InvalidInput.class, () -> HfCheckpoint.open(folder).close()).getMessage();
    assertTrue(message.startsWith(folder.toString()), message);
    return message;
  }
}
