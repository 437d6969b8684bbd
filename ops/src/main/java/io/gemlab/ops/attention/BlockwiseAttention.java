package io.gemlab.ops.attention;

import io.gemlab.ops.choice.Support;
import io.gemlab.ops.gradient.CustomGradient;
import java.util.List;
import java.util.OptionalInt;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Attention over blocks of keys with an online softmax, the cap inside, and a gradient by
 * recomputation: memory linear in length, and nothing computed outside the causal or sliding band.
 *
 * <p>Precision: products in the operands' type; scores, softmax and running sums in float32.
 *
 * <p>It attends whole rows to themselves, of a batch and length known when traced; a mask whose
 * keys have positions of their own (a cache) is refused with an {@link IllegalArgumentException}.
 *
 * @param blockSize positions in a block; empty to choose by length and window
 * @param largest positions in a block that is chosen, at most
 * @see <a href="https://arxiv.org/abs/2307.08691">FlashAttention-2, algorithms 1 and 2</a>
 */
public record BlockwiseAttention(OptionalInt blockSize, int largest) implements Attention {
  /** Beyond it a CPU's memory grows and no time is won. */
  private static final int LARGEST_BLOCK = 512;

  /** Fewer diagonals, so fewer passes over running sums, and half as much to compile. */
  private static final int LARGEST_BLOCK_OF_DEVICES = 2048;

  private static final int SMALLEST_BLOCK = 16;

  public BlockwiseAttention {
    if (blockSize.isPresent() && blockSize.getAsInt() <= 0) {
      throw new IllegalArgumentException(
          "the attention block is " + blockSize.getAsInt() + "; give a number above 0");
    }
  }

  /** Blocks of a size. */
  public BlockwiseAttention(OptionalInt blockSize) {
    this(blockSize, LARGEST_BLOCK);
  }

  /** Blocks chosen by length and window. */
  public static BlockwiseAttention auto() {
    return new BlockwiseAttention(OptionalInt.empty());
  }

  /** The same, for a TPU or a GPU (docs/results/softcap-cost-tpu.md). */
  public static BlockwiseAttention forDevices() {
    return new BlockwiseAttention(OptionalInt.empty(), LARGEST_BLOCK_OF_DEVICES);
  }

  @Override
  public String label() {
    return "blockwise";
  }

  @Override
  public Support supports(AttentionSpec spec) {
    return Support.yes();
  }

  @Override
  public <T extends TFloating> Operand<T> attend(
      Ops tf,
      AttentionSpec spec,
      AttentionMask mask,
      Operand<T> q_BTNH,
      Operand<T> k_BSKH,
      Operand<T> v_BSKH) {
    int batch = Math.toIntExact(q_BTNH.shape().get(0));
    int length = Math.toIntExact(q_BTNH.shape().get(1));
    if (batch < 0 || length < 0) {
      throw new IllegalArgumentException(
          "blockwise attention needs to know batch and length, and its queries are "
              + q_BTNH.shape()
              + "; trace with fixed sizes");
    }
    if (length != k_BSKH.shape().get(1) || !mask.isSelfAttention()) {
      throw new IllegalArgumentException(
          "blockwise attention is self-attention over whole rows; "
              + length
              + " queries meet "
              + k_BSKH.shape().get(1)
              + " keys at positions of their own; choose eager attention to attend to a cache");
    }
    if (mask.ends_BS().isPresent()) {
      throw new IllegalArgumentException(
          "blockwise attention leaves out what lies behind a window, and branches of a row are not"
              + " apart by their places in it; choose eager attention");
    }
    BlockLayout layout =
        new BlockLayout(
            spec.within(mask.within(spec.window())), batch, length, block(spec, length));
    Class<T> type = q_BTNH.type();
    Operand<T> q = layout.queries(tf, q_BTNH);
    Operand<T> k = layout.keys(tf, k_BSKH);
    Operand<T> v = layout.keys(tf, v_BSKH);
    Operand<TInt32> positions = layout.positions(tf, mask.queryPositions_BT());

    BlockwiseForward.Attended<T> attended =
        new BlockwiseForward<>(layout, type).attend(tf, positions, q, k, v);
    Operand<T> withGradient =
        CustomGradient.attach(
            tf,
            attended.values(),
            new CustomGradient.Inputs(
                List.of(q, k, v), List.of(positions, attended.values(), attended.logSumExp())),
            new BlockwiseBackward<>(layout, type));
    return layout.rows(tf, withGradient);
  }

  /**
   * Without a window, few large blocks. With one, the largest power of two that keeps the keys
   * read, window + block, within 1.3 windows (where that is not below the smallest block worth a
   * product).
   */
  private int block(AttentionSpec spec, int length) {
    if (blockSize.isPresent()) return Math.min(blockSize.getAsInt(), length);
    int largest = Math.min(this.largest, Math.max(SMALLEST_BLOCK, Math.ceilDiv(length, 4)));
    if (spec.window().isEmpty() || spec.window().getAsInt() >= length)
      return Math.min(largest, length);
    int worth = Math.max(SMALLEST_BLOCK, Integer.highestOneBit(spec.window().getAsInt() * 3 / 10));
    return Math.min(Math.min(largest, worth), length);
  }
}
