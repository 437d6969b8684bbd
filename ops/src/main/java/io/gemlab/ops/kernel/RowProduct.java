package io.gemlab.ops.kernel;

import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/**
 * {@code x W^T} for a few rows of x as an op of ours, for sessions on a CPU.
 *
 * <p>Such a product is bounded by reading W once. TensorFlow's own unpack integers to floats in
 * memory first, and in bfloat16 wait for more than memory; in float32 they don't, so there is no
 * kernel for it (docs/results/inference.md). Sums are float32, rounded once.
 *
 * <p>Letters: M rows, I in, O out.
 */
public final class RowProduct {
  /** Rows up to which a kernel reads W faster than TensorFlow's products multiply by it. */
  public static final int MOST_ROWS = 4;

  /** What 8-bit numbers are divided by. */
  public static final int INT8_ONE = 128;

  /** What 4-bit numbers are divided by. */
  public static final int INT4_ONE = 8;

  /** 4-bit numbers that share a scale. */
  public static final int INT4_BLOCK = 32;

  private RowProduct() {}

  /** Whether a kernel pays for multiplying by x, [M, I], and a dense matrix of its type. */
  public static boolean paysForDense(Operand<? extends TFloating> x_MI) {
    return x_MI.type() == TBfloat16.class && few(x_MI);
  }

  /** Whether a kernel pays for multiplying by x, [M, I], and quantized matrices. */
  public static boolean paysForQuantized(Operand<? extends TFloating> x_MI) {
    return (x_MI.type() == TFloat32.class || x_MI.type() == TBfloat16.class) && few(x_MI);
  }

  private static boolean few(Operand<? extends TFloating> x_MI) {
    long rows = x_MI.shape().get(0);
    return rows > 0 && rows <= MOST_ROWS;
  }

  /**
   * Times a matrix in bfloat16.
   *
   * @param x_MI bfloat16, [M, I]
   * @param weight_OI bfloat16, [O, I]
   * @return [M, O]
   */
  public static <T extends TFloating> Operand<T> dense(
      Ops tf, Operand<T> x_MI, Operand<T> weight_OI) {
    return build(tf, x_MI, RowProductOp.BFLOAT16, weight_OI.asOutput());
  }

  /**
   * Times a matrix of 8-bit numbers q: {@code W[o, i] = scale[o] * q[o, i] / 128}.
   *
   * @param x_MI [M, I]
   * @param values_OI q in two's complement, [O, I]
   * @param scales_O1 [O, 1]
   * @return [M, O]
   */
  public static <T extends TFloating> Operand<T> int8(
      Ops tf, Operand<T> x_MI, Operand<TUint8> values_OI, Operand<TBfloat16> scales_O1) {
    return build(tf, x_MI, RowProductOp.INT8, values_OI.asOutput(), scales_O1.asOutput());
  }

  /**
   * Times a matrix of 4-bit numbers q: {@code W[o, i] = scale[o, i / 32] * q[o, i] / 8}.
   *
   * @param x_MI [M, I]
   * @param values_OJ two q a byte: byte j of a block's 16 has element j in its lower half and
   *     element j + 16 in its upper half; [O, I / 2]
   * @param scales_OB [O, I / 32]
   * @return [M, O]
   */
  public static <T extends TFloating> Operand<T> int4(
      Ops tf, Operand<T> x_MI, Operand<TUint8> values_OJ, Operand<TBfloat16> scales_OB) {
    return build(tf, x_MI, RowProductOp.INT4, values_OJ.asOutput(), scales_OB.asOutput());
  }

  private static <T extends TFloating> Operand<T> build(
      Ops tf, Operand<T> x_MI, RowProductOp op, Output<?>... matrix) {
    var builder = tf.scope().opBuilder(op.type(), "RowProduct").addInput(x_MI.asOutput());
    for (Output<?> part : matrix) builder.addInput(part);
    return builder.build().output(0).expect(x_MI.type());
  }
}
