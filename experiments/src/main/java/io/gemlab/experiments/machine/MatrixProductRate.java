package io.gemlab.experiments.machine;

import io.gemlab.graph.base.checkpoint.FloatConversion;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Precision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.tensorflow.types.family.TFloating;

/**
 * How fast a machine multiplies two square matrices in a plain session, which is where every path
 * but the fused one has its products made.
 *
 * @param precision of the matrices and of their product
 * @param size rows and columns of each
 */
record MatrixProductRate(Precision precision, int size) {
  private static final String FUNCTION = "product";
  private static final Duration LEAST = Duration.ofSeconds(1);

  /** A multiplication and an addition for each of size^3 terms. */
  double flops() {
    return 2.0 * size * size * size;
  }

  /** FLOP/s of the best of several products. */
  double measure() {
    ElementType type = Tensors.elementType(precision.type());
    try (Executable executable = new GraphPath().load(List.of(trace(precision.type())))) {
      executable.assign("left", filled(type));
      executable.assign("right", filled(type));
      double seconds = BestTime.seconds(() -> executable.run(FUNCTION, Map.of()).close(), LEAST);
      return flops() / seconds;
    }
  }

  private <T extends TFloating> GraphFunction trace(Class<T> type) {
    TensorShape shape = TensorShape.of(size, size);
    try (Trace trace = new Trace(FUNCTION)) {
      trace.result(
          FUNCTION,
          trace
              .ops()
              .linalg
              .matMul(
                  trace.state("left", StateRole.WEIGHT, type, shape),
                  trace.state("right", StateRole.WEIGHT, type, shape)));
      return trace.finish();
    }
  }

  /** Small numbers of both signs: zeros could be cheaper than what a model multiplies. */
  private HostTensor filled(ElementType type) {
    float[] values = new float[size * size];
    for (int i = 0; i < values.length; i++) values[i] = (i % 7 - 3) * 0.25f;
    HostTensor wide = HostTensor.of(values, size, size);
    if (type == ElementType.F32) return wide;
    HostTensor narrow = HostTensor.zeros(type, wide.shape());
    FloatConversion.fromFloat32(type, wide.data(), narrow.data());
    return narrow;
  }
}
