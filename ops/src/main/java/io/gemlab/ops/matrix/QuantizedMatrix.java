package io.gemlab.ops.matrix;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** A matrix of integers and their scales. */
public sealed interface QuantizedMatrix extends Matrix permits Int8Matrix, Int4Matrix {

  /** {@link #product} without a mark, for one that is a part of another. */
  <T extends TFloating> Operand<T> unmarkedProduct(Ops tf, Operand<T> x_MI);
}
