package io.gemlab.graph.train;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.runtime.Tensors;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * TensorFlow's collective ops among the workers of a cluster. A call waits until every worker makes
 * the same one.
 *
 * <p>They are the ops whose keys are attributes: by these the runtime gives a call the same step
 * number in every process, which it doesn't do for the later versions of these ops.
 *
 * @param workers how many there are
 */
record Collectives(int workers) {
  private static final long GROUP = 1;

  /**
   * The sum over all workers, added along a ring, so that each gets the same bits.
   *
   * @param x float32 or int32, of one shape in all
   * @param instance tells the call from every other of the process
   */
  <T extends TNumber> Operand<T> sum(Ops tf, Operand<T> x, long instance) {
    return tf.scope()
        .opBuilder("CollectiveReduce", "CollectiveReduce")
        .addInput(x.asOutput())
        .setAttr("group_size", workers)
        .setAttr("group_key", GROUP)
        .setAttr("instance_key", instance)
        .setAttr("merge_op", "Add")
        .setAttr("final_op", "Id")
        .setAttr("subdiv_offsets", new long[] {0})
        .setAttr("communication_hint", "ring")
        .build()
        .output(0);
  }

  /**
   * Gives all others a tensor.
   *
   * @return the same
   */
  Operand<? extends TType> send(Ops tf, Operand<? extends TType> x, long instance) {
    Operand<? extends TType> carried = carried(tf, x);
    Operand<? extends TType> sent =
        tf.scope()
            .opBuilder("CollectiveBcastSend", "CollectiveBcastSend")
            .addInput(carried.asOutput())
            .setAttr("group_size", workers)
            .setAttr("group_key", GROUP)
            .setAttr("instance_key", instance)
            .setAttr("shape", x.shape())
            .build()
            .output(0);
    return restored(tf, sent, x.type());
  }

  /** Takes what another one sends. */
  Operand<? extends TType> receive(Ops tf, TensorSpec spec, long instance) {
    Class<? extends TType> type = Tensors.type(spec.type());
    Operand<? extends TType> received =
        tf.scope()
            .opBuilder("CollectiveBcastRecv", "CollectiveBcastRecv")
            .setAttr("T", Tensors.dataType(Tensors.elementType(carrier(type))))
            .setAttr("group_size", workers)
            .setAttr("group_key", GROUP)
            .setAttr("instance_key", instance)
            .setAttr("shape", Tensors.shape(spec.shape()))
            .build()
            .output(0);
    return restored(tf, received, type);
  }

  /** The type that crosses in a type's stead: a broadcast knows not all. */
  private static Class<? extends TType> carrier(Class<? extends TType> type) {
    if (type == TBfloat16.class) return TFloat16.class;
    if (type == TUint8.class) return TInt32.class;
    return type;
  }

  private static Operand<? extends TType> carried(Ops tf, Operand<? extends TType> x) {
    if (x.type() == TBfloat16.class) return tf.bitcast(x, TFloat16.class);
    if (x.type() == TUint8.class) return tf.dtypes.cast(x, TInt32.class);
    return x;
  }

  private static Operand<? extends TType> restored(
      Ops tf, Operand<? extends TType> x, Class<? extends TType> type) {
    if (type == TBfloat16.class) return tf.bitcast(x, TBfloat16.class);
    if (type == TUint8.class) return tf.dtypes.cast(x, TUint8.class);
    return x;
  }
}
