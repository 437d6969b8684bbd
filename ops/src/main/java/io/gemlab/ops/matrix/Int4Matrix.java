package io.gemlab.ops.matrix;

import io.gemlab.ops.Kernel;
import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/**
 * A matrix of 4-bit integers with a scale for each {@value #BLOCK} of a row: {@code W[o, i] =
 * scale[o, i / 32] * q[o, i] / 8}.
 *
 * <p>A byte holds two: byte j of a block's 16 has q of element j in its lower half and of element j
 * + 16 in its upper half. So a product is the sum of two, of the first and the second halves of all
 * blocks, and nothing need be interleaved.
 *
 * @param values_OJ q of [-8, 7] in two's complement, two a byte, [O, I / 2]
 * @param scales_OB any floating-point type, [O, I / 32]
 */
public record Int4Matrix(Operand<TUint8> values_OJ, Operand<? extends TFloating> scales_OB)
    implements QuantizedMatrix {
  /** Elements that share a scale. */
  public static final int BLOCK = 32;

  /** What integers are divided by. */
  public static final int ONE = 8;

  private static final int HALF = BLOCK / 2;

  @Override
  public <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x_MI) {
    return FewRows.mark(
        tf,
        Kernel.INT4_PRODUCT,
        Kernel.INT4_UNPACKED_PRODUCT,
        unmarkedProduct(tf, x_MI),
        x_MI,
        values_OJ,
        scales_OB);
  }

  @Override
  public <T extends TFloating> Operand<T> unmarkedProduct(Ops tf, Operand<T> x_MI) {
    Class<T> type = x_MI.type();
    Operand<T> small_MI = tf.math.mul(x_MI, Scalars.of(tf, type, 1.0 / ONE));
    Operand<T> lower_MJ = half(tf, small_MI, 0);
    Operand<T> upper_MJ = half(tf, small_MI, HALF);
    return ChunkedMatmul.product(
        tf,
        values_OJ,
        x_MI,
        (here, rows) -> {
          Operand<TUint8> packed_OJ = rows.of(here, values_OJ);
          Operand<T> scales_OB = Scalars.cast(here, rows.of(here, this.scales_OB), type);
          return here.math.add(
              DenseMatrix.product(
                  here,
                  lower_MJ,
                  scaled(here, PackedInts.lowerHalves(here, packed_OJ, type), scales_OB)),
              DenseMatrix.product(
                  here,
                  upper_MJ,
                  scaled(here, PackedInts.upperHalves(here, packed_OJ, type), scales_OB)));
        });
  }

  /** The elements of x that one half of every block is multiplied by, [M, I / 2]. */
  private static <T extends TFloating> Operand<T> half(Ops tf, Operand<T> x_MI, int from) {
    Shape shape = x_MI.shape();
    long blocks = shape.get(1) / BLOCK;
    Operand<T> blocks_MBE = tf.reshape(x_MI, tf.constant(new long[] {-1, blocks, BLOCK}));
    return tf.reshape(
        tf.slice(
            blocks_MBE, tf.constant(new int[] {0, 0, from}), tf.constant(new int[] {-1, -1, HALF})),
        tf.constant(new long[] {-1, blocks * HALF}));
  }

  /** Halves of blocks times the blocks' scales, [O, I / 2]. */
  private static <T extends TFloating> Operand<T> scaled(
      Ops tf, Operand<T> values_OJ, Operand<T> scales_OB) {
    long blocks = scales_OB.shape().get(1);
    Operand<T> values_OBH = tf.reshape(values_OJ, tf.constant(new long[] {-1, blocks, HALF}));
    Operand<T> scales_OB1 = tf.expandDims(scales_OB, tf.constant(2));
    return tf.reshape(
        tf.math.mul(values_OBH, scales_OB1), tf.constant(new long[] {-1, blocks * HALF}));
  }

  @Override
  public <T extends TFloating> Operand<T> rows(Ops tf, Operand<TInt32> ids, Class<T> type) {
    Operand<TUint8> packed = tf.gather(values_OJ, ids, tf.constant(0));
    Operand<T> scales = Scalars.cast(tf, tf.gather(scales_OB, ids, tf.constant(0)), type);
    long blocks = scales_OB.shape().get(1);
    Operand<T> values_NBE =
        tf.concat(
            java.util.List.of(
                blocks(tf, PackedInts.lowerHalves(tf, packed, type), blocks),
                blocks(tf, PackedInts.upperHalves(tf, packed, type), blocks)),
            tf.constant(2));
    Operand<T> scales_NB1 = tf.reshape(scales, tf.constant(new long[] {-1, blocks, 1}));
    Operand<T> rows_NBE =
        tf.math.mul(tf.math.mul(values_NBE, Scalars.of(tf, type, 1.0 / ONE)), scales_NB1);
    return tf.reshape(
        rows_NBE, tf.constant(ids.shape().append(Shape.of(blocks * BLOCK)).asArray()));
  }

  private static <T extends TFloating> Operand<T> blocks(Ops tf, Operand<T> x, long blocks) {
    return tf.reshape(x, tf.constant(new long[] {-1, blocks, HALF}));
  }
}
