package io.gemlab.graph.base.adapter;

import io.gemlab.graph.TestFiles;
import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** An adapter of the golden model, neither of whose factors is 0. */
public final class SmallAdapter {
  /** Of all projections; the scale is no power of 2. */
  public static final Lora ALL = new Lora(3, 5, List.of(Lora.ALL_LINEAR));

  private SmallAdapter() {}

  /** The values of each factor, row by row, by its name. */
  public static Map<String, float[]> values(Lora lora) {
    Map<String, float[]> values = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(3);
    shapes(lora)
        .forEach(
            (name, shape) -> {
              float[] factor = new float[(int) shape.elements()];
              for (int i = 0; i < factor.length; i++)
                factor[i] = (float) random.nextDouble(-0.2, 0.2);
              values.put(name, factor);
            });
    return values;
  }

  private static Map<String, TensorShape> shapes(Lora lora) {
    Map<String, TensorShape> shapes = new LinkedHashMap<>();
    try (HfCheckpoint base = HfCheckpoint.open(TestFiles.golden("ckpt_f32"))) {
      base.tensors().values().stream()
          .filter(tensor -> lora.targets(tensor.name()))
          .forEach(
              tensor -> {
                for (LoraFactor factor : LoraFactor.values()) {
                  shapes.put(factor.of(tensor.name()), factor.shape(tensor.shape(), lora.rank()));
                }
              });
    }
    return shapes;
  }

  /** Writes it. */
  public static Path write(Lora lora, Path folder) {
    Map<String, TensorShape> shapes = shapes(lora);
    List<TensorToWrite> factors = new ArrayList<>();
    values(lora)
        .forEach(
            (name, values) ->
                factors.add(
                    new TensorToWrite(
                        name,
                        ElementType.F32,
                        shapes.get(name),
                        Float32Tensor.of(HostTensor.of(values, values.length).data()).stream())));
    AdapterFolder.write(folder, lora, "base", factors);
    return folder;
  }
}
