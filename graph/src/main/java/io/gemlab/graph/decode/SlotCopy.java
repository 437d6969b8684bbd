package io.gemlab.graph.decode;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * Copies a cache of one row into a row of another: {@code (caches; slot) -> cache'}. A position has
 * the same place in both, since both keep as many.
 *
 * @param from the cache of one row
 * @param to the cache of many
 */
record SlotCopy(CacheLayout from, CacheLayout to) {
  private static final String SLOT = "slot";

  String name() {
    return "copy_into_%s".formatted(to.label().replace('/', '_'));
  }

  GraphFunction trace() {
    try (Trace trace = new Trace(name())) {
      Operand<TInt32> slot_11 = trace.argument(SLOT, TInt32.class, TensorShape.of(1, 1));
      List<TensorSpec> one = from.specs();
      List<TensorSpec> many = to.specs();
      for (int i = 0; i < many.size(); i++) {
        copy(trace, one.get(i), many.get(i), slot_11, Tensors.type(many.get(i).type()));
      }
      return trace.finish();
    }
  }

  private <T extends TType> void copy(
      Trace trace, TensorSpec one, TensorSpec many, Operand<TInt32> slot_11, Class<T> type) {
    Ops tf = trace.ops();
    Operand<T> one_1KSH = trace.state(one.name(), StateRole.CACHE, type, one.shape());
    Operand<T> many_BKSH = trace.state(many.name(), StateRole.CACHE, type, many.shape());
    Operand<TInt32> rows = tf.constant(new int[] {to.rows(), -1});
    Operand<T> written =
        tf.tensorScatterNdUpdate(
            tf.reshape(many_BKSH, rows),
            slot_11,
            tf.reshape(one_1KSH, tf.constant(new int[] {1, -1})));
    trace.update(many.name(), tf.reshape(written, tf.constant(many.shape().toArray())));
  }

  /** The argument. */
  static Map<String, HostTensor> arguments(int slot) {
    return Map.of(SLOT, HostTensor.of(new int[] {slot}, 1, 1));
  }
}
