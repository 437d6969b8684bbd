package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.method.PieceMerge;
import io.gemlab.experiments.merge.method.TensorInputs;
import io.gemlab.experiments.merge.plan.PlannedTensor;
import io.gemlab.graph.base.checkpoint.Float32Stream;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * The values of a tensor of the result, made as they are asked for: the inputs are read as they
 * come, and none is in memory whole.
 */
final class MergedTensor implements Float32Stream {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** From here on a float16 is infinite. */
  private static final float FLOAT16_LIMIT = 65520;

  private final PlannedTensor tensor;
  private final TensorInputs inputs;
  private final Supplier<PieceMerge> merge;
  private final Optional<BaseDistance> distance;
  private final LongConsumer progress;
  private Pieces pieces;

  /**
   * @param merge begins to merge the inputs
   * @param distance from the base, where it is measured
   * @param progress told how many more values are made
   */
  MergedTensor(
      PlannedTensor tensor,
      TensorInputs inputs,
      Supplier<PieceMerge> merge,
      Optional<BaseDistance> distance,
      LongConsumer progress) {
    this.tensor = tensor;
    this.inputs = inputs;
    this.merge = merge;
    this.distance = distance;
    this.progress = progress;
  }

  /** It on its way into a file. */
  TensorToWrite toWrite() {
    return new TensorToWrite(tensor.name(), tensor.stored(), tensor.shape(), this);
  }

  /** Of the values made, if it is measured: the squared distance from the base's. */
  OptionalDouble squaredDistance() {
    return distance.stream().mapToDouble(BaseDistance::squares).findFirst();
  }

  @Override
  public void next(MemorySegment target) {
    // What a tensor needs is made with its first values, and freed with its last.
    if (pieces == null) pieces = new Pieces();
    pieces.next(target);
    if (pieces.first == tensor.shape().elements()) pieces = null;
  }

  private final class Pieces {
    private final PieceMerge begun =
        distance.map(measured -> measured.of(merge.get())).orElseGet(merge);
    private final float[][] values_MN = inputs.buffers();
    private final float[] result_N = new float[TensorInputs.PIECE];
    private long first;

    void next(MemorySegment target) {
      int all = Math.toIntExact(target.byteSize() / Float.BYTES);
      for (int done = 0; done < all; ) {
        int count = Math.min(TensorInputs.PIECE, all - done);
        inputs.read(first, count, values_MN);
        for (int input = 0; input < values_MN.length; input++) {
          requireFinite(input, values_MN[input], count);
        }
        begun.merge(first, count, values_MN, result_N);
        requireInRange(count);
        MemorySegment.copy(result_N, 0, target, FLOAT, (long) done * Float.BYTES, count);
        done += count;
        first += count;
        progress.accept(count);
      }
    }

    private void requireFinite(int input, float[] values_N, int count) {
      int at = firstAbove(Float.MAX_VALUE, values_N, count);
      if (at < 0) return;
      PlannedTensor.Input from = tensor.inputs().get(input);
      throw new InvalidInput(
          "%s: %s holds %s at %s; take another checkpoint of it"
              .formatted(
                  from.model().reference(),
                  from.name(),
                  values_N[at],
                  tensor.shape().coordinates(first + at)));
    }

    private void requireInRange(int count) {
      float limit =
          tensor.stored() == ElementType.F16 ? Math.nextDown(FLOAT16_LIMIT) : Float.MAX_VALUE;
      int at = firstAbove(limit, result_N, count);
      if (at < 0) return;
      throw new NotFiniteException(
          "%s: merging gives %s at %s, which %s doesn't hold; give smaller weights%s"
              .formatted(
                  tensor.name(),
                  result_N[at],
                  tensor.shape().coordinates(first + at),
                  tensor.stored().label(),
                  tensor.stored() == ElementType.F32 ? "" : " or out_dtype: float32"));
    }

    /** Where the first value stands that is NaN or above {@code limit}; -1 for nowhere. */
    private static int firstAbove(float limit, float[] values_N, int count) {
      if (largest(values_N, count) <= limit) return -1;
      for (int i = 0; i < count; i++) if (!(Math.abs(values_N[i]) <= limit)) return i;
      throw new IllegalStateException("the largest of the values is none of them");
    }

    /** The largest magnitude; NaN if one is NaN. Without a branch many are compared at once. */
    private static float largest(float[] values_N, int count) {
      float largest = 0;
      for (int i = 0; i < count; i++) largest = Math.max(largest, Math.abs(values_N[i]));
      return largest;
    }
  }
}
