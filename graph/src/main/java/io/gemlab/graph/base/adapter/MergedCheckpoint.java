package io.gemlab.graph.base.adapter;

import io.gemlab.graph.base.checkpoint.Float32Stream;
import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.HfCheckpointWriter;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * A checkpoint with an adapter added to its weights, {@code W + scale * B A}, each number summed in
 * float64 and rounded once to float32 and once to the type stored. Numbers are made as they are
 * written, so a model larger than memory can be merged.
 */
public final class MergedCheckpoint {
  private final HfCheckpoint base;
  private final AdapterFolder adapter;
  private final Optional<ElementType> stored;

  /**
   * @param stored F32, BF16 or F16; empty to leave each tensor in its type
   * @throws InvalidInput if the adapter is another model's
   */
  public MergedCheckpoint(HfCheckpoint base, AdapterFolder adapter, Optional<ElementType> stored) {
    this.base = base;
    this.adapter = adapter;
    this.stored = stored;
    Map<String, TensorShape> shapes = new LinkedHashMap<>();
    base.tensors().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    adapter.requireFits(shapes, base.folder());
  }

  /** How many numbers it has. */
  public long parameters() {
    return base.tensors().values().stream().mapToLong(TensorInfo::elements).sum();
  }

  /** Bytes of its weights. */
  public long bytes() {
    return base.tensors().values().stream()
        .mapToLong(tensor -> tensor.elements() * type(tensor).byteSize())
        .sum();
  }

  /** The narrower types that sums are rounded to; empty where all are float32. */
  public List<ElementType> rounded() {
    return base.tensors().values().stream()
        .filter(tensor -> adapter.weights().contains(tensor.name()))
        .map(this::type)
        .filter(type -> type != ElementType.F32)
        .distinct()
        .toList();
  }

  /**
   * Writes it, with what lies beside the base's weights.
   *
   * @param folder where; it must not exist, or be empty
   * @param progress told each time how many more numbers are made
   * @throws InvalidInput if {@code folder} holds anything
   */
  public void write(Path folder, LongConsumer progress) {
    List<TensorToWrite> tensors = new ArrayList<>();
    for (TensorInfo tensor : base.tensors().values()) {
      Float32Stream values = float32(tensor.name()).stream();
      tensors.add(
          new TensorToWrite(
              tensor.name(),
              type(tensor),
              tensor.shape(),
              target -> {
                values.next(target);
                progress.accept(target.byteSize() / Float.BYTES);
              }));
    }
    HfCheckpointWriter.write(folder, base.files(), tensors, HfCheckpointWriter.SHARD_BYTES);
  }

  private ElementType type(TensorInfo tensor) {
    return stored.orElse(tensor.type() == ElementType.F64 ? ElementType.F32 : tensor.type());
  }

  /**
   * A weight's values as float32, the adapter added.
   *
   * @return valid until base or adapter is closed
   * @throws InvalidInput if there is no such weight, or it doesn't hold floating-point numbers
   */
  public Float32Tensor float32(String name) {
    Float32Tensor before = base.float32(name);
    return adapter.weights().contains(name) ? new Sum(name, before, adapter) : before;
  }

  /** A weight with its adapter. Factors are small beside it, and read again for each piece. */
  private static final class Sum implements Float32Tensor {
    private static final ValueLayout.OfFloat FLOAT =
        ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String weight;
    private final Float32Tensor before;
    private final AdapterFolder adapter;

    Sum(String weight, Float32Tensor before, AdapterFolder adapter) {
      this.weight = weight;
      this.before = before;
      this.adapter = adapter;
    }

    @Override
    public void read(long firstElement, MemorySegment target) {
      before.read(firstElement, target);
      float[] a_RI = adapter.values(weight, LoraFactor.A);
      float[] b_OR = adapter.values(weight, LoraFactor.B);
      int rank = adapter.lora().rank();
      int in = a_RI.length / rank;
      long end = firstElement + target.byteSize() / Float.BYTES;
      for (long at = firstElement; at < end; ) {
        int row = Math.toIntExact(at / in);
        int column = Math.toIntExact(at % in);
        int count = Math.toIntExact(Math.min(in - column, end - at));
        double[] sums = new double[count];
        for (int k = 0; k < rank; k++) {
          double b = b_OR[row * rank + k] * adapter.lora().scale();
          for (int i = 0; i < count; i++) sums[i] += b * a_RI[k * in + column + i];
        }
        for (int i = 0; i < count; i++) {
          long offset = (at - firstElement + i) * Float.BYTES;
          target.set(FLOAT, offset, (float) (target.get(FLOAT, offset) + sums[i]));
        }
        at += count;
      }
    }
  }
}
