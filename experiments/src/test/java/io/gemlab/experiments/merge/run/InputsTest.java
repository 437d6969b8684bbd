package io.gemlab.experiments.merge.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.merge.method.Arithmetic;
import io.gemlab.experiments.merge.method.DropRescale;
import io.gemlab.experiments.merge.method.Masks;
import io.gemlab.experiments.merge.method.Rounding;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.recipe.MergeRecipeFile;
import io.gemlab.graph.base.adapter.AdapterFolder;
import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.adapter.LoraFactor;
import io.gemlab.graph.base.adapter.MergedCheckpoint;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.HfCheckpointWriter;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.ops.Bfloat16;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models as they come: tied and untied heads, adapters, mixed types, what isn't finite. */
class InputsTest {
  private static final Path BASE = Merges.golden("base");
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String UP = "model.layers.1.mlp.up_proj.weight";

  @TempDir Path folder;

  private final Map<String, HostTensor> tensors = new LinkedHashMap<>();
  private CheckpointFiles files;

  @BeforeEach
  void read() {
    try (HfCheckpoint base = HfCheckpoint.open(BASE)) {
      files = base.files();
      for (TensorInfo tensor : base.tensors().values()) {
        HostTensor copy = HostTensor.zeros(tensor.type(), tensor.shape());
        copy.data().copyFrom(base.segment(tensor.name()));
        tensors.put(tensor.name(), copy);
      }
    }
  }

  @Test
  void aHeadThatIsTheEmbeddingIsLeftOutAndAnotherIsRefused() throws IOException {
    float[] embedding = tensors.get(EMBEDDING).floats();
    tensors.put("lm_head.weight", HostTensor.of(embedding, 128, 32));
    write("tied");
    Map<String, float[]> merged = linear("tied", BASE);
    assertArrayEquals(embedding, merged.get(EMBEDDING));
    assertEquals(null, merged.get("lm_head.weight"));

    float[] other = embedding.clone();
    other[7] += 1;
    tensors.put("lm_head.weight", HostTensor.of(other, 128, 32));
    write("untied");
    assertRefused("lm_head.weight (F32 [128, 32]) differs from " + EMBEDDING, "untied");
  }

  @Test
  void anAdapterIsInItsModelsWeights() throws IOException {
    Path adapter = folder.resolve("adapter");
    Lora lora = new Lora(2, 3, List.of("up_proj"));
    Random random = new Random(1);
    List<TensorToWrite> factors = new ArrayList<>();
    for (int layer = 0; layer < 3; layer++) {
      String weight = "model.layers.%d.mlp.up_proj.weight".formatted(layer);
      for (LoraFactor factor : LoraFactor.values()) {
        TensorShape shape = factor.shape(tensors.get(weight).shape(), lora.rank());
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) values[i] = (float) random.nextGaussian();
        factors.add(
            TensorToWrite.exactly(factor.of(weight), HostTensor.of(values, shape.toArray())));
      }
    }
    AdapterFolder.write(adapter, lora, "base", factors);
    Path expected = folder.resolve("expected");
    try (HfCheckpoint base = HfCheckpoint.open(BASE);
        AdapterFolder opened = AdapterFolder.open(adapter)) {
      new MergedCheckpoint(base, opened, Optional.empty()).write(expected, _ -> {});
    }
    Path recipe = recipe("{merge_method: passthrough, models: [{model: %s+%s}]}", BASE, adapter);
    Map<String, float[]> merged = Merges.merge(recipe, Merges.FLOAT32);
    Merges.read(expected.resolve("model.safetensors"))
        .forEach((name, values) -> assertArrayEquals(values, merged.get(name), name));

    Path policy =
        recipe(
            "{merge_method: warp, base_model: %1$s, models: [{model: %1$s+%2$s}], parameters: {eta: 1}}",
            BASE, adapter);
    Map<String, float[]> point = Merges.merge(policy, Merges.FLOAT32);
    merged.forEach((name, values) -> assertArrayEquals(values, point.get(name), 1e-5f, name));

    Path alone = recipe("{merge_method: passthrough, models: [{model: %s}]}", adapter, "");
    InvalidInput refusal =
        assertThrows(InvalidInput.class, () -> Merges.merge(alone, Merges.FLOAT32));
    assertTrue(refusal.getMessage().contains("name it behind its base model, as BASE+"));
  }

  @Test
  void mixedTypesAreMergedInFloat32() throws IOException {
    tensors.put(UP, half(tensors.get(UP)));
    write("mixed");
    Path recipe = linearRecipe("mixed", BASE);
    try (MergePlan plan = MergePlan.of(MergeRecipeFile.read(recipe))) {
      plan.tensors().forEach(tensor -> assertEquals(ElementType.F32, tensor.stored()));
      assertEquals(
          List.of(
              "1 tensors have other types in one model than in another, "
                  + UP
                  + " first (bfloat16, float32); the result is stored as float32"),
          plan.warnings());
    }
    float[] values = Merges.merge(recipe, Merges.FLOAT32).get(UP);
    float[] exact = Merges.read(BASE.resolve("model.safetensors")).get(UP);
    float[] rounded = Merges.read(folder.resolve("mixed/model.safetensors")).get(UP);
    for (int i = 0; i < values.length; i++) {
      assertEquals((exact[i] + rounded[i]) / 2, values[i], 1e-7);
    }
  }

  @Test
  void whatIsMissingBesidesOrOfAnotherShapeIsNamed() throws IOException {
    HostTensor up = tensors.remove(UP);
    write("missing");
    assertRefused("missing lacks 1 tensors that", "missing");
    assertRefused("\"" + UP + "\" first", "missing");
    tensors.put(UP, HostTensor.of(up.floats(), 32, 48));
    write("turned");
    assertRefused(UP + " is [48, 32] in", "turned");
    tensors.put(UP, up);
    tensors.put("model.layers.1.extra.weight", HostTensor.scalar(1));
    write("more");
    assertRefused("\"model.layers.1.extra.weight\" first", "more");
    tensors.remove("model.layers.1.extra.weight");
    tensors.put(EMBEDDING, HostTensor.of(new float[130 * 32], 130, 32));
    write("resized");
    assertRefused("their vocabularies differ", "resized");
  }

  @Test
  void whatIsNotFiniteIsRefused() throws IOException {
    float[] up = tensors.get(UP).floats();
    up[33] = Float.NaN;
    tensors.put(UP, HostTensor.of(up, 48, 32));
    write("nan");
    assertRefused("nan: " + UP + " holds NaN at [1, 1]", "nan");
  }

  @Test
  void whatIsBeyondTheTypeIsSaid() throws IOException {
    Path recipe =
        recipe(
            "{merge_method: linear, models: [{model: %s}], out_dtype: float16,"
                + " parameters: {weight: 1e6, normalize: false}}",
            BASE, "");
    NotFiniteException failure =
        assertThrows(NotFiniteException.class, () -> Merges.merge(recipe, Merges.FLOAT32));
    assertTrue(failure.getMessage().contains("which float16 doesn't hold"), failure.getMessage());
  }

  /** DARE by its definition: what stays is scaled, and no more than half of it stays. */
  @Test
  void droppingKeepsTheNormOrTheExpectation() throws IOException {
    Path recipe =
        recipe(
            "{merge_method: dare_linear, base_model: %s, models: [{model: %s}],"
                + " parameters: {weight: 1, density: 0.5}}",
            BASE, Merges.golden("ft1"));
    float[] base = Merges.read(BASE.resolve("model.safetensors")).get(EMBEDDING);
    float[] model = Merges.read(Merges.golden("ft1").resolve("model.safetensors")).get(EMBEDDING);
    for (DropRescale rescale : DropRescale.values()) {
      Arithmetic arithmetic = new Arithmetic(Rounding.NONE, rescale, Masks.drawn(1));
      float[] merged = Merges.merge(recipe, arithmetic).get(EMBEDDING);
      double before = 0;
      double after = 0;
      int differing = 0;
      int kept = 0;
      double scale = 0;
      for (int i = 0; i < base.length; i++) {
        before += Math.abs(model[i] - base[i]);
        after += Math.abs(merged[i] - base[i]);
        if (model[i] != base[i]) differing++;
        if (merged[i] != base[i]) kept++;
        if (Math.abs(model[i] - base[i]) > 0.01 && merged[i] != base[i]) {
          scale = (merged[i] - base[i]) / (model[i] - base[i]);
        }
      }
      double share = kept / (double) differing;
      assertEquals(0.5, share, 5 * Math.sqrt(0.25 / differing));
      switch (rescale) {
        case NORM -> assertEquals(before, after, 1e-4 * before);
        case DENSITY -> assertEquals(2, scale, 1e-3);
      }
    }
  }

  private static HostTensor half(HostTensor tensor) {
    float[] values = tensor.floats();
    HostTensor half = HostTensor.zeros(ElementType.BF16, tensor.shape());
    for (int i = 0; i < values.length; i++) {
      half.data().setAtIndex(ValueLayout.JAVA_SHORT, i, Bfloat16.fromFloat(values[i]));
    }
    return half;
  }

  private void write(String name) {
    List<TensorToWrite> written = new ArrayList<>();
    tensors.forEach((tensor, values) -> written.add(TensorToWrite.exactly(tensor, values)));
    HfCheckpointWriter.write(folder.resolve(name), files, written, HfCheckpointWriter.SHARD_BYTES);
  }

  private Map<String, float[]> linear(String name, Path other) throws IOException {
    return Merges.merge(linearRecipe(name, other), Merges.FLOAT32);
  }

  private Path linearRecipe(String name, Path other) throws IOException {
    return recipe(
        "{merge_method: linear, models: [{model: %s}, {model: %s}], parameters: {weight: 1}}",
        folder.resolve(name), other);
  }

  private void assertRefused(String reason, String name) {
    InvalidInput refusal = assertThrows(InvalidInput.class, () -> linear(name, BASE));
    assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
  }

  private Path recipe(String text, Object one, Object other) throws IOException {
    return Files.writeString(folder.resolve("merge.yml"), text.formatted(one, other));
  }
}
