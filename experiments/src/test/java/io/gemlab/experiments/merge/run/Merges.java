package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.merge.method.Arithmetic;
import io.gemlab.experiments.merge.method.DropRescale;
import io.gemlab.experiments.merge.method.Masks;
import io.gemlab.experiments.merge.method.Rounding;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.plan.PlannedTensor;
import io.gemlab.experiments.merge.recipe.MergeRecipeFile;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.ops.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Recipes merged in memory, and what mergekit made of them. */
final class Merges {
  /** Float32 arithmetic, nothing drawn. */
  static final Arithmetic FLOAT32 =
      new Arithmetic(
          Rounding.NONE,
          DropRescale.NORM,
          (tensor, _) -> {
            throw new IllegalStateException(tensor + " is to be drawn");
          });

  private Merges() {}

  /** The same with masks that mergekit drew. */
  static Arithmetic with(Masks masks) {
    return new Arithmetic(FLOAT32.rounding(), FLOAT32.rescale(), masks);
  }

  /** The result's tensors, as they would be stored, by name. */
  static Map<String, float[]> merge(Path recipe, Arithmetic arithmetic) {
    Map<String, float[]> merged = new LinkedHashMap<>();
    try (MergePlan plan = MergePlan.of(MergeRecipeFile.read(recipe))) {
      MergedModels models = new MergedModels(plan, _ -> arithmetic, _ -> {});
      for (PlannedTensor tensor : plan.tensors()) {
        float[] values = new float[Math.toIntExact(tensor.shape().elements())];
        models.all().getFirst().tensors().get(tensor.name()).next(MemorySegment.ofArray(values));
        for (int i = 0; i < values.length; i++) values[i] = stored(tensor.stored(), values[i]);
        merged.put(tensor.name(), values);
      }
    }
    return merged;
  }

  private static float stored(ElementType type, float value) {
    return switch (type) {
      case BF16 -> Bfloat16.round(value);
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      default -> value;
    };
  }

  /** A safetensors file's tensors. */
  static Map<String, float[]> read(Path file) {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      opened
          .tensors()
          .forEach(
              (name, info) -> {
                float[] values = new float[Math.toIntExact(info.elements())];
                opened.readFloat32(name, MemorySegment.ofArray(values));
                tensors.put(name, values);
              });
    }
    return tensors;
  }

  /** The masks that mergekit drew, by {@code TENSOR.MODEL}. */
  static Masks masks(Path file, String... models) {
    Map<String, byte[]> masks = new LinkedHashMap<>();
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      for (String name : opened.tensors().keySet()) {
        masks.put(name, opened.segment(name).toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return (tensor, input) -> {
      byte[] mask = masks.get(tensor + "." + models[input]);
      return (element, _) -> mask[Math.toIntExact(element)] != 0;
    };
  }

  static Path golden(String name) {
    return GoldenFiles.of("golden/merge").resolve(name).normalize();
  }
}
