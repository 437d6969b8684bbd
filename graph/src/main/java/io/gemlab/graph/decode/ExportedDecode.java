package io.gemlab.graph.decode;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** The step that generation takes for each new token, as a function to be exported or compiled. */
public final class ExportedDecode {
  private ExportedDecode() {}

  /**
   * One token for each row over a key-value cache: {@code (weights, cache, tokens chosen last;
   * tokens, positions) -> (cache', the likeliest next tokens)}. Weights and cache are in the type
   * the model computes in. A token below 0 stands for the one that the call before chose, so that a
   * call can be queued before the host has seen what came of that.
   *
   * @param rows B
   * @param capacity positions that a row may have
   */
  public static <T extends TFloating> GraphFunction trace(
      Gemma2Model<T> model, int rows, int capacity) {
    CacheLayout cache =
        new CacheLayout(model.config(), rows, capacity, Tensors.elementType(model.type()));
    CachedStep<T> step = new CachedStep<>(model, cache, 1, new StepHead.Chained());
    try (Trace trace = new Trace(step.name())) {
      ModelTrace<T> traced = ModelTrace.of(trace, model);
      ModelTrace.Tokens given = traced.tokens(rows, 1);
      step.build(traced, new ModelTrace.Tokens(orChosen(trace, given.ids_BT()), given.places()));
      return trace.finish();
    }
  }

  private static Operand<TInt32> orChosen(Trace trace, Operand<TInt32> given_B1) {
    Ops tf = trace.ops().withSubScope("token");
    TensorShape shape = TensorShape.of(given_B1.shape().get(0));
    Operand<TInt32> chosen_B =
        trace.state(StepHead.Chained.TOKEN, StateRole.TOKEN, TInt32.class, shape);
    return tf.select(
        tf.math.less(given_B1, tf.constant(0)), tf.expandDims(chosen_B, tf.constant(1)), given_B1);
  }
}
