package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.GoldenFiles;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code gemlab merge} from end to end; what it computes, {@code MergekitGoldenTest} checks. */
class MergeCommandTest {
  private static final Path GOLDEN = GoldenFiles.of("golden/merge");

  @TempDir Path folder;

  private Path recipe;
  private Path out;

  @BeforeEach
  void paths() {
    recipe = folder.resolve("merge.yml");
    out = folder.resolve("merged");
  }

  @Test
  void writesAModelWithItsFilesItsRecipeAndItsRecord() throws IOException {
    Path base = copy("base");
    Files.writeString(base.resolve("tokenizer.json"), "{}");
    Files.writeString(base.resolve("chat_template.jinja"), "{{ bos_token }}");
    ties(base, "out_dtype: bfloat16");
    Gemlab run = Gemlab.run("merge", recipe, out, "--verify");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("TIES of 3 models, 35 tensors"), run.out());
    assertTrue(run.out().contains("read back, 1 files of weights are as they were written"));
    assertEquals(
        Set.of(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "chat_template.jinja",
            "README.md",
            "mergekit_config.yml",
            "merge.json"),
        names(out));
    try (HfCheckpoint merged = HfCheckpoint.open(out);
        HfCheckpoint before = HfCheckpoint.open(base)) {
      assertEquals(before.tensors().keySet(), merged.tensors().keySet());
      merged.tensors().values().forEach(tensor -> assertEquals(ElementType.BF16, tensor.type()));
      assertEquals("bfloat16", merged.files().config().path("dtype").asText());
    }
    assertEquals(Files.readString(recipe), Files.readString(out.resolve("mergekit_config.yml")));
    assertTrue(Files.readString(out.resolve("README.md")).contains(Files.readString(recipe)));
    assertTrue(Files.readString(out.resolve("merge.json")).contains("model.safetensors"));
  }

  @Test
  void aDryRunSaysWhatHappensAndWritesNothing() throws IOException {
    ties(copy("base"), "");
    Gemlab run = Gemlab.run("merge", recipe, out, "--dry-run");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(
        run.out()
            .contains(
                "model.layers.2.mlp.up_proj.weight [48, 32] float32 <- %s, %s, %s: ties weight=0.6,0.4,base"
                    .formatted(
                        GOLDEN.resolve("ft1"), GOLDEN.resolve("ft2"), folder.resolve("base"))),
        run.out());
    assertTrue(run.out().contains("35 tensors, 32160 parameters: reads 0.4 MiB"), run.out());
    assertEquals(Set.of("base", "merge.yml"), names(folder));
  }

  @Test
  void whatIsDamagedAfterwardsIsFound() throws IOException {
    ties(copy("base"), "");
    assertEquals(0, Gemlab.run("merge", recipe, out).exitCode());
    assertEquals(2, Gemlab.run("merge", recipe, out).exitCode());
    assertEquals(0, Gemlab.run("merge", recipe, out, "--verify").exitCode());
    Path weights = out.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    Gemlab run = Gemlab.run("merge", recipe, out, "--verify");
    assertEquals(1, run.exitCode(), run.out());
    assertTrue(run.err().contains("is not what was written: model.safetensors"), run.err());
  }

  @Test
  void aFrontIsAFolderAPointAndATable() throws IOException {
    Files.writeString(
        recipe,
        """
        merge_method: warp
        base_model: %1$s/base
        models: [{model: %1$s/ft1}, {model: %1$s/ft2}]
        parameters: {eta: [0.1, 1]}
        """
            .formatted(GOLDEN));
    Gemlab planned = Gemlab.run("merge", recipe, out, "--dry-run");
    assertEquals(0, planned.exitCode(), planned.err());
    assertTrue(planned.out().contains(": warp eta=0.1,1 weight=1,1,base"), planned.out());
    assertTrue(planned.out().contains("64320 parameters: reads 0.4 MiB"), planned.out());
    Gemlab run = Gemlab.run("merge", recipe, out, "--verify");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("WARP of 3 models, 2 points, 35 tensors"), run.out());
    assertTrue(run.out().contains("| eta-0.1 | 0.1 | "), run.out());
    assertTrue(run.out().contains("read back, 2 files of weights are as they were written"));
    assertEquals(
        Set.of("eta-0.1", "eta-1", "README.md", "recipe.yml", "merge.json", "front.json"),
        names(out));
    assertEquals(
        Set.of("config.json", "generation_config.json", "model.safetensors", "README.md"),
        names(out.resolve("eta-1")));
  }

  @Test
  void slicesKeepTheirAttention() throws IOException {
    Files.writeString(
        recipe,
        """
        merge_method: passthrough
        slices:
          - sources: [{model: %1$s/ft1, layer_range: [1, 3]}]
          - sources: [{model: %1$s/ft2, layer_range: [0, 2], parameters: {scale: 2}}]
        """
            .formatted(GOLDEN));
    Gemlab run = Gemlab.run("merge", recipe, out);
    assertEquals(0, run.exitCode(), run.err());
    try (HfCheckpoint merged = HfCheckpoint.open(out)) {
      assertEquals(4, merged.files().config().path("num_hidden_layers").asInt());
      assertEquals(
          List.of("full_attention", "sliding_attention", "sliding_attention", "full_attention"),
          texts(merged, "layer_types"));
      assertTrue(merged.tensors().containsKey("model.layers.3.mlp.up_proj.weight"));
    }
    int ids =
        Gemlab.run(
                "generate",
                "--checkpoint",
                out,
                "--ids",
                ids(),
                "--out",
                out.resolve("o.json"),
                "--max-new-tokens",
                2)
            .exitCode();
    assertEquals(0, ids);
  }

  @Test
  void whatDoesNotFitIsRefusedAndNothingWritten() throws IOException {
    refused(
        "merges differences from a base; give base_model",
        "{merge_method: ties, models: [{model: %1$s/ft1}]}");
    refused(
        "slerp takes exactly 1 model besides base_model, and here there are 2",
        "{merge_method: slerp, base_model: %1$s/base, models: [{model: %1$s/ft1}, {model: %1$s/ft2}], parameters: {t: 1}}");
    refused(
        "weight is missing for model.embed_tokens.weight",
        "{merge_method: linear, models: [{model: %1$s/ft1}]}");
    refused(
        "layer_range is [0, 4], and",
        "{merge_method: passthrough, slices: [{sources: [{model: %1$s/ft1, layer_range: [0, 4]}]}]}");
    refused(
        "the weights add up to 0",
        "{merge_method: linear, models: [{model: %1$s/ft1}], parameters: {weight: 0}}");
    refused(
        "a weight is 0.0, and shares are of their sum",
        "{merge_method: warp, base_model: %1$s/base, models: [{model: %1$s/ft1}], parameters: {eta: 1, weight: 0}}");
    refused(
        "give a smaller epsilon",
        "{merge_method: della, base_model: %1$s/base, models: [{model: %1$s/ft1}], parameters: {weight: 1, density: 0.1}}");
    Gemlab.run("random-checkpoint", "--preset", "tiny", "--out", folder.resolve("tiny"));
    refused(
        "merge models of one architecture",
        "{merge_method: linear, models: [{model: %1$s/ft1}, {model: %2$s/tiny}], parameters: {weight: 1}}");
    Files.createDirectory(folder.resolve("empty"));
    refused(
        "name a checkpoint's folder",
        "{merge_method: linear, models: [{model: %2$s/empty}], parameters: {weight: 1}}");
  }

  @Test
  void aScaledEmbeddingIsSaid() throws IOException {
    Files.writeString(
        recipe,
        "{merge_method: linear, models: [{model: %s/ft1}], parameters: {weight: 2, normalize: false}}"
            .formatted(GOLDEN));
    Gemlab run = Gemlab.run("merge", recipe, out);
    assertTrue(
        run.out().contains("model.embed_tokens.weight is scaled by 2.0: it is input"), run.out());
  }

  @Test
  void aTurnBeyondTheModelsIsSaidOnce() throws IOException {
    Files.writeString(
        recipe,
        "{merge_method: slerp, base_model: %1$s/ft1, models: [{model: %1$s/ft2}], parameters: {t: 1.25}}"
            .formatted(GOLDEN));
    Gemlab run = Gemlab.run("merge", recipe, out, "--dry-run");
    assertEquals(0, run.exitCode(), run.err());
    List<String> notes = run.out().lines().filter(line -> line.startsWith("Note:")).toList();
    assertEquals(1, notes.size(), run.out());
    assertTrue(notes.getFirst().contains("model.embed_tokens.weight: t is 1.25"), run.out());
  }

  private void refused(String reason, String text) throws IOException {
    Files.writeString(recipe, text.formatted(GOLDEN, folder));
    Gemlab run = Gemlab.run("merge", recipe, out);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(reason), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertFalse(
        names(folder).stream().anyMatch(name -> name.contains("merg") && !name.endsWith("yml")));
  }

  private void ties(Path base, String more) throws IOException {
    Files.writeString(
        recipe,
        """
        merge_method: ties
        base_model: %2$s
        models:
          - {model: %1$s/ft1, parameters: {weight: 0.6, density: 0.4}}
          - {model: %1$s/ft2, parameters: {weight: 0.4, density: 0.5}}
        %3$s
        """
            .formatted(GOLDEN, base, more));
  }

  private Path copy(String model) throws IOException {
    Path copy = Files.createDirectory(folder.resolve(model));
    try (Stream<Path> files = Files.list(GOLDEN.resolve(model))) {
      for (Path file : files.toList()) Files.copy(file, copy.resolve(file.getFileName()));
    }
    return copy;
  }

  private Path ids() throws IOException {
    return Files.writeString(folder.resolve("ids.json"), "{\"input_ids\": [[2, 5, 6]]}");
  }

  private static List<String> texts(HfCheckpoint checkpoint, String key) {
    List<String> texts = new ArrayList<>();
    checkpoint.files().config().path(key).forEach(node -> texts.add(node.asText()));
    return texts;
  }

  private static Set<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }
}
