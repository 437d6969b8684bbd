package io.gemlab.experiments.bench.jmh;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * What an op under trace reads. All of it is state, so that no call pays for handing it over.
 *
 * @param <T> the type computed in
 */
final class OpInputs<T extends TFloating> {
  /** Where each token stands, int32 [B, T]. */
  static final String POSITIONS = "positions";

  /** The token that follows, int32 [B * T]. */
  static final String LABELS = "labels";

  private final Trace trace;
  private final Class<T> type;
  private final OpSizes sizes;
  private final List<Operand<?>> differentiable = new ArrayList<>();

  OpInputs(Trace trace, Class<T> type, OpSizes sizes) {
    this.trace = trace;
    this.type = type;
    this.sizes = sizes;
  }

  Ops tf() {
    return trace.ops();
  }

  OpSizes sizes() {
    return sizes;
  }

  /** An input that gradients flow to, in the type computed in. */
  Operand<T> value(String name, long... shape) {
    return value(name, type, shape);
  }

  /** An input that gradients flow to, in float32 whatever is computed in. */
  Operand<TFloat32> wide(String name, long... shape) {
    return value(name, TFloat32.class, shape);
  }

  private <V extends TFloating> Operand<V> value(String name, Class<V> as, long... shape) {
    Operand<V> operand = trace.state(name, StateRole.WEIGHT, as, TensorShape.of(shape));
    differentiable.add(operand);
    return operand;
  }

  Operand<TInt32> positions() {
    return trace.state(
        POSITIONS, StateRole.WEIGHT, TInt32.class, TensorShape.of(sizes.batch(), sizes.length()));
  }

  Operand<TInt32> labels() {
    return trace.state(LABELS, StateRole.WEIGHT, TInt32.class, TensorShape.of(sizes.positions()));
  }

  /** All inputs asked for that gradients flow to. */
  List<Operand<?>> differentiable() {
    return List.copyOf(differentiable);
  }
}
