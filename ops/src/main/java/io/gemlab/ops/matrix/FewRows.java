package io.gemlab.ops.matrix;

import io.gemlab.ops.Kernel;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/**
 * Which {@link Kernel} may compute a product. Those of few rows are bounded by reading the matrix
 * once, and those of more by arithmetic: TensorFlow's own unpack integers to floats in memory
 * first, and of few rows in bfloat16 wait for more than memory (docs/results/inference.md).
 */
final class FewRows {
  /** Rows up to which a kernel that reads W in registers is the faster one. */
  private static final int MOST = 4;

  private FewRows() {}

  /**
   * Marks {@code x W^T} of a quantized matrix.
   *
   * @param few what computes it of few rows
   * @param many what computes it of more
   */
  static <T extends TFloating> Operand<T> mark(
      Ops tf,
      Kernel few,
      Kernel many,
      Operand<T> y_MO,
      Operand<T> x_MI,
      Operand<TUint8> values,
      Operand<? extends TFloating> scales) {
    if (!known(x_MI, scales) || x_MI.shape().get(0) <= 0) return y_MO;
    return (few(x_MI) ? few : many).mark(tf, y_MO, x_MI, values, scales);
  }

  /** Whether kernels of quantized matrices know these types. */
  static boolean known(Operand<? extends TFloating> x_MI, Operand<? extends TFloating> scales) {
    return (x_MI.type() == TFloat32.class || x_MI.type() == TBfloat16.class)
        && scales.type() == TBfloat16.class;
  }

  /** Whether a kernel of few rows is the faster one. */
  static boolean few(Operand<? extends TFloating> x_MI) {
    long rows = x_MI.shape().get(0);
    return rows > 0 && rows <= MOST;
  }
}
