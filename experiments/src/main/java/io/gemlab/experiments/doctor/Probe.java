package io.gemlab.experiments.doctor;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.Profile;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** A small function that a path shows its ways on: a matrix product, and some element-wise ops. */
final class Probe {
  private static final String FUNCTION = "probe";
  private static final String X = "x";
  private static final TensorShape SHAPE = TensorShape.of(64, 64);

  private Probe() {}

  /** What each node did in a call. */
  static Profile profile(ExecutionPath path) {
    return run(path, (executable, arguments) -> executable.profile(FUNCTION, arguments));
  }

  /** What the path made of it. */
  static ExecutionReport report(ExecutionPath path) {
    return run(path, (executable, arguments) -> executable.report(FUNCTION));
  }

  private static <R> R run(
      ExecutionPath path, BiFunction<Executable, Map<String, HostTensor>, R> asked) {
    try (Executable executable = path.load(List.of(trace()))) {
      Map<String, HostTensor> arguments = Map.of(X, HostTensor.zeros(ElementType.F32, SHAPE));
      executable.run(FUNCTION, arguments).close();
      return asked.apply(executable, arguments);
    }
  }

  private static GraphFunction trace() {
    try (Trace trace = new Trace(FUNCTION)) {
      Ops tf = trace.ops();
      Operand<TFloat32> x = trace.argument(X, TFloat32.class, SHAPE);
      Operand<TFloat32> y = tf.linalg.matMul(x, x);
      for (int i = 1; i <= 4; i++) {
        y = tf.math.add(tf.math.tanh(tf.math.mul(y, x)), tf.constant((float) i));
      }
      trace.result("y", y);
      return trace.finish();
    }
  }
}
