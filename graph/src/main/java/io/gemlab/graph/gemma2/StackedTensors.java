package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** Tensors stacked along their first dimension, read and written one at a time. */
public final class StackedTensors {
  private StackedTensors() {}

  /** A stack of zeros. */
  public static <T extends TNumber> Operand<T> zeros(Ops tf, Class<T> type, TensorShape shape) {
    return tf.zeros(tf.constant(shape.toArray()), type);
  }

  /** The tensor at {@code index}. */
  public static <T extends TNumber> Operand<T> at(Ops tf, Operand<T> stack, Operand<TInt32> index) {
    long[] shape = stack.shape().asArray();
    List<Operand<TInt32>> begin =
        new ArrayList<>(Collections.nCopies(shape.length, tf.constant(0)));
    begin.set(0, index);
    int[] size = Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
    size[0] = 1;
    Operand<T> one = tf.slice(stack, tf.stack(begin), tf.constant(size));
    return tf.reshape(one, tf.constant(Arrays.copyOfRange(shape, 1, shape.length)));
  }

  /** The stack with {@code value} at {@code index}. */
  public static <T extends TNumber> Operand<T> with(
      Ops tf, Operand<T> stack, Operand<TInt32> index, Operand<T> value) {
    Operand<TInt32> indices = tf.reshape(index, tf.constant(new int[] {1, 1}));
    return tf.tensorScatterNdUpdate(stack, indices, tf.expandDims(value, tf.constant(0)));
  }
}
