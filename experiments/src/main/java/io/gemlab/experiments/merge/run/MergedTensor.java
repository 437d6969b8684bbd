package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.method.Arithmetic;
import io.gemlab.experiments.merge.method.MergeMethod;
import io.gemlab.experiments.merge.method.PieceMerge;
import io.gemlab.experiments.merge.method.TensorInputs;
import io.gemlab.experiments.merge.plan.PlannedTensor;
import io.gemlab.graph.base.checkpoint.Float32Stream;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.LongConsumer;

/**
 * The values of a tensor of the result, made as they are asked for: the inputs are read as they
 * come, and none is in memory whole.
 */
final class MergedTensor implements Float32Stream {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int LANES = 512;

  /** From here on a float16 is infinite. */
  private static final float FLOAT16_LIMIT = 65520;

  private final PlannedTensor tensor;
  private final MergeMethod method;
  private final Arithmetic arithmetic;
  private final LongConsumer progress;
  private Pieces pieces;

  /**
   * @param progress told how many more values are made
   */
  MergedTensor(
      PlannedTensor tensor, MergeMethod method, Arithmetic arithmetic, LongConsumer progress) {
    this.tensor = tensor;
    this.method = method;
    this.arithmetic = arithmetic;
    this.progress = progress;
  }

  @Override
  public void next(MemorySegment target) {
    // What a tensor needs is made with its first values, and freed with its last.
    if (pieces == null) pieces = new Pieces();
    pieces.next(target);
    if (pieces.first == tensor.shape().elements()) pieces = null;
  }

  private final class Pieces {
    private final TensorInputs inputs =
        new TensorInputs(
            tensor.name(),
            tensor.shape(),
            tensor.inputs().stream().map(input -> input.model().float32(input.name())).toList(),
            tensor.base(),
            arithmetic.rounding());

    private final PieceMerge merge = method.prepare(inputs, tensor.values(), arithmetic);
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
        merge.merge(first, count, values_MN, result_N);
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
      if (limit == Float.MAX_VALUE && areFinite(values_N, count)) return -1;
      for (int i = 0; i < count; i++) if (!(Math.abs(values_N[i]) <= limit)) return i;
      return -1;
    }

    /** Zeros are what finite values become times 0; many are added at once. */
    private static boolean areFinite(float[] values_N, int count) {
      float[] zeros = new float[LANES];
      int from = 0;
      for (; from + LANES <= count; from += LANES) {
        for (int lane = 0; lane < LANES; lane++) zeros[lane] += values_N[from + lane] * 0;
      }
      float sum = 0;
      for (float zero : zeros) sum += zero;
      for (; from < count; from++) sum += values_N[from] * 0;
      return sum == 0;
    }
  }
}
