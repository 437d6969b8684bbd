package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.LayerWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.ops.Bfloat16;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HfCheckpointTest {
  private static final String FIRST_SHARD = "model-00001-of-00004.safetensors";
  private static final String Q_PROJ = LayerWeight.Q_PROJ.in(0);

  @TempDir Path folder;

  @Test
  void shardsHoldWhatTheSingleFileHolds() {
    try (HfCheckpoint single = HfCheckpoint.open(golden("ckpt_f32"));
        HfCheckpoint sharded = HfCheckpoint.open(golden("ckpt_f32_sharded"))) {
      assertEquals(46, single.tensors().size());
      assertEquals(
          new HashSet<>(single.tensors().keySet()), new HashSet<>(sharded.tensors().keySet()));
      for (String name : single.tensors().keySet()) {
        assertEquals(-1, single.segment(name).mismatch(sharded.segment(name)), name);
      }
      assertEquals(48, single.files().config().path("query_pre_attn_scalar").asInt());
      assertEquals(
          2, sharded.files().generationConfig().orElseThrow().path("bos_token_id").asInt());
      assertEquals(Map.of(), single.files().companions());
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void mapsOnlyTheShardThatIsAskedFor() throws IOException {
    try (HfCheckpoint sharded = HfCheckpoint.open(golden("ckpt_f32_sharded"))) {
      assertEquals(0, mappedShards());
      sharded.segment("model.norm.weight");
      assertEquals(1, mappedShards());
    }
    assertEquals(0, mappedShards());
  }

  private static long mappedShards() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> line.contains("-of-00004.safetensors"))
        .count();
  }

  @Test
  void readsFloat32() {
    try (HfCheckpoint half = HfCheckpoint.open(golden("ckpt_bf16"));
        Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(half.tensors().get(Q_PROJ).elements() * 4);
      half.readFloat32(Q_PROJ, target);
      short stored = half.segment(Q_PROJ).get(ValueLayout.JAVA_SHORT_UNALIGNED, 2);
      assertEquals(Bfloat16.toFloat(stored), target.getAtIndex(ValueLayout.JAVA_FLOAT, 1));
    }
  }

  @Test
  void listsTheTokenizersFiles() throws IOException {
    copy("ckpt_f32");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{}");
    Files.writeString(folder.resolve("tokenizer.model"), "");
    try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
      assertEquals(
          Map.of(
              "tokenizer.model", folder.resolve("tokenizer.model"),
              "tokenizer_config.json", folder.resolve("tokenizer_config.json")),
          checkpoint.files().companions());
    }
  }

  @Test
  void refusesFoldersThatAreNoCheckpoint() throws IOException {
    assertRefused(folder.resolve("absent"), "is not a folder");
    assertRefused(folder, "has neither model.safetensors nor model.safetensors.index.json");
    copy("ckpt_f32");
    Files.writeString(folder.resolve("config.json"), "nonsense");
    assertRefused(folder, "config.json is not valid JSON");
    Files.delete(folder.resolve("config.json"));
    assertRefused(folder, "config.json does not exist");
  }

  @Test
  void refusesSingleFileAndIndexTogether() throws IOException {
    copy("ckpt_f32_sharded");
    copy("ckpt_f32");
    assertRefused(folder, "has both model.safetensors and, listed in model.safetensors.index.json");
  }

  @Test
  void refusesAnAbsentTensor() {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(golden("ckpt_f32"))) {
      String message =
          assertThrows(InvalidInput.class, () -> checkpoint.segment("nope")).getMessage();
      assertTrue(message.contains("no tensor \"nope\" among its 46"), message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"../secret.safetensors\"",
        "\"/etc/passwd\"",
        "\"a/../../b.safetensors\"",
        "\"a//b.safetensors\"",
        "\"..\"",
        "\"a\\\\b\"",
        "\"\"",
        "7",
        "null",
        "[\"a\"]"
      })
  void refusesAShardOutsideTheFolder(String shard) throws IOException {
    copy("ckpt_f32_sharded");
    editIndex(index -> index.replace("\"" + FIRST_SHARD + "\"", shard));
    assertRefused(folder, "the path of a file inside the folder is wanted");
  }

  @Test
  void refusesIndexesThatDisagreeWithTheShards() throws IOException {
    copy("ckpt_f32_sharded");
    String index = Files.readString(folder.resolve(FolderLayout.INDEX));
    editIndex(text -> text.replace(Q_PROJ, "model.layers.9.self_attn.q_proj.weight"));
    assertRefused(folder, "has no such tensor");
    Files.writeString(folder.resolve(FolderLayout.INDEX), index);
    editIndex(text -> text.replaceFirst(".*" + Q_PROJ + ".*\n", ""));
    assertRefused(folder, "does not put there");
    editIndex(text -> "{\"weight_map\": {}}");
    assertRefused(folder, "has no \"weight_map\"");
    Files.writeString(folder.resolve(FolderLayout.INDEX), index);
    Files.delete(folder.resolve(FIRST_SHARD));
    assertRefused(folder, FIRST_SHARD + " does not exist");
  }

  @Test
  void anEqualHeadIsTheEmbedding() {
    writeWithHead(target -> target.fill((byte) 0), TensorShape.of(512, 64));
    try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
      assertFalse(checkpoint.tensors().containsKey("lm_head.weight"));
      assertThrows(InvalidInput.class, () -> checkpoint.segment("lm_head.weight"));
    }
  }

  @Test
  void aHeadOfItsOwnIsRefused() {
    writeWithHead(target -> target.fill((byte) 1), TensorShape.of(512, 64));
    assertRefused(folder, "differs from model.embed_tokens.weight (F32 [512, 64]), by up to ");
  }

  @Test
  void aHeadOfAnotherShapeIsRefused() {
    writeWithHead(target -> target.fill((byte) 0), TensorShape.of(64, 512));
    assertRefused(folder, "lm_head.weight (F32 [64, 512]) differs from model.embed_tokens.weight");
  }

  private void writeWithHead(Float32Stream head, TensorShape headShape) {
    Float32Stream zeros = target -> target.fill((byte) 0);
    List<TensorToWrite> tensors =
        List.of(
            new TensorToWrite(
                WeightSpec.EMBEDDING, ElementType.F32, TensorShape.of(512, 64), zeros),
            new TensorToWrite("lm_head.weight", ElementType.F32, headShape, head));
    SafetensorsWriter.write(folder.resolve(FolderLayout.SINGLE), tensors, Map.of());
    try {
      Files.writeString(folder.resolve("config.json"), "{}");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void copy(String name) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> entries = Files.list(golden(name))) {
      entries.forEach(files::add);
    }
    for (Path file : files) {
      Path target = folder.resolve(file.getFileName().toString());
      if (!Files.exists(target)) Files.copy(file, target);
    }
  }

  private void editIndex(UnaryOperator<String> edit) throws IOException {
    Path index = folder.resolve(FolderLayout.INDEX);
    Files.writeString(index, edit.apply(Files.readString(index)));
  }

  private static void assertRefused(Path folder, String reason) {
    String message =
        assertThrows(InvalidInput.class, () -> HfCheckpoint.open(folder).close()).getMessage();
    assertTrue(message.contains(reason), message);
    assertTrue(message.startsWith(folder.toString()), message);
    assertEquals(1, message.lines().count());
  }
}
