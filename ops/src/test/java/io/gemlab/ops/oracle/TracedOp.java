package io.gemlab.ops.oracle;

import io.gemlab.ops.Precision;
import io.gemlab.ops.Scalars;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** An op as TensorFlow builds it. */
@FunctionalInterface
public interface TracedOp {
  /**
   * @param inputs in the precision under test
   */
  Operand<? extends TFloating> build(Ops tf, List<Operand<TFloating>> inputs);

  /** The value, and {@code tf.gradients} of it, run in a session. */
  default Evaluation evaluate(Precision precision, List<Sample> inputs, double[] cotangent) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Map<Output<?>, Sample> feeds = new LinkedHashMap<>();
      List<Operand<TFloating>> typed = new ArrayList<>();
      for (Sample input : inputs) {
        typed.add(Scalars.cast(tf, fed(tf, input, feeds), type(precision)));
      }
      Operand<? extends TFloating> y = build(tf, typed);
      Operand<TFloat32> dy = fed(tf, new Sample(cotangent, y.shape().asArray()), feeds);

      List<Output<TFloat32>> fetches = new ArrayList<>();
      fetches.add(Scalars.toFloat32(tf, y).asOutput());
      Gradients.Options upstream = Gradients.dx(List.of(Scalars.cast(tf, dy, y.type())));
      for (Operand<?> gradient : tf.gradients(List.of(y), typed, upstream)) {
        Output<TFloating> narrow = gradient.asOutput().expect(type(precision));
        fetches.add(Scalars.toFloat32(tf, narrow).asOutput());
      }
      List<double[]> fetched = FinishedGraph.run(graph, feeds, fetches);
      return new Evaluation(fetched.getFirst(), fetched.subList(1, fetched.size()));
    }
  }

  private static Operand<TFloat32> fed(Ops tf, Sample sample, Map<Output<?>, Sample> feeds) {
    Operand<TFloat32> placeholder =
        tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(sample.shape())));
    feeds.put(placeholder.asOutput(), sample);
    return placeholder;
  }

  @SuppressWarnings("unchecked") // ops ask an operand for its type; the bound is all they need
  private static Class<TFloating> type(Precision precision) {
    return (Class<TFloating>) precision.type();
  }
}
