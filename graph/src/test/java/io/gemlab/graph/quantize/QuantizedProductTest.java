package io.gemlab.graph.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Precision;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.matrix.Matrix;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/** Products with quantized matrices and rows of them, against float64 sums over their bytes. */
class QuantizedProductTest {
  private static final int ROWS = 3;

  /** The inner dimension of a matrix that is multiplied in pieces. */
  private static final int PIECES_IN = 1024;

  private static final int[][] IDS = {{4, 0}, {1, 4}};

  static Stream<Arguments> small() {
    List<Arguments> cases = new ArrayList<>();
    for (ExecutionPath path : Golden.PATHS) {
      for (Quantization quantization : List.of(Quantization.INT8, Quantization.INT4)) {
        for (Precision precision : Precision.values()) {
          cases.add(Arguments.of(path, quantization, precision));
        }
      }
    }
    return cases.stream();
  }

  static Stream<Arguments> inPieces() {
    return small().filter(test -> test.get()[2] == Precision.FLOAT32);
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("small")
  void productsAndRowsAreThoseOfTheNumbers(
      ExecutionPath path, Quantization quantization, Precision precision) {
    check(path, quantization, precision, 40, 96);
  }

  /** 16 MiB and a little: the last piece has few rows. */
  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("inPieces")
  void soAreThoseOfAMatrixInPieces(
      ExecutionPath path, Quantization quantization, Precision precision) {
    check(path, quantization, precision, inPieces(quantization), PIECES_IN);
  }

  private static int inPieces(Quantization quantization) {
    return (1 << 24) / (quantization == Quantization.INT8 ? PIECES_IN : PIECES_IN / 2) + 3;
  }

  /** A frozen matrix takes no gradient, and passes one on. */
  @ParameterizedTest
  @EnumSource(names = {"INT8", "INT4"})
  void gradientsPassAsThroughTheNumbers(Quantization quantization) {
    checkGradient(quantization, 40, 96);
    checkGradient(quantization, inPieces(quantization), PIECES_IN);
  }

  private static void checkGradient(Quantization quantization, int out, int in) {
    Random random = new Random(in);
    float[] weights = gaussian(random, out * in, 0.02);
    HostTensor x = HostTensor.of(gaussian(random, ROWS * in, 1), ROWS, in);
    float[] dy = gaussian(random, ROWS * out, 1);
    GraphFunction function = traceGradient(quantization, out, in);
    try (Executable executable = new GraphPath().load(List.of(function));
        Arena arena = Arena.ofShared()) {
      Float32Tensor source = Float32Tensor.of(HostTensor.of(weights, out, in).data());
      List<Quantizer.State> states =
          Quantizer.quantize(quantization, "w", TensorShape.of(out, in), source, arena);
      states.forEach(state -> executable.assign(state.spec().name(), state.value()));
      double[] exact = Dequantized.of(quantization, states);
      Map<String, HostTensor> arguments = Map.of("x", x, "dy", HostTensor.of(dy, ROWS, out));
      try (Results results = executable.run(function.name(), arguments)) {
        float[] dx = results.get("dx").floats();
        for (int m = 0; m < ROWS; m++) {
          for (int i = 0; i < in; i++) {
            double sum = 0;
            double size = 0;
            for (int o = 0; o < out; o++) {
              double part = dy[m * out + o] * exact[o * in + i];
              sum += part;
              size += Math.abs(part);
            }
            assertEquals(sum, dx[m * in + i], 1e-6 * size, m + ", " + i);
          }
        }
      }
    }
  }

  private static GraphFunction traceGradient(Quantization quantization, int out, int in) {
    try (Trace trace = new Trace("gradient")) {
      Ops tf = trace.ops();
      Operand<TFloat32> x = trace.argument("x", TFloat32.class, TensorShape.of(ROWS, in));
      Operand<TFloat32> dy = trace.argument("dy", TFloat32.class, TensorShape.of(ROWS, out));
      Operand<TFloat32> y = matrix(trace, quantization, ElementType.F32, out, in).product(tf, x);
      Operand<TFloat32> sum = tf.sum(tf.math.mul(y, dy), tf.constant(new int[] {0, 1}));
      trace.result("dx", tf.gradients(sum, List.of(x)).<TFloat32>dy(0));
      return trace.finish();
    }
  }

  private static void check(
      ExecutionPath path, Quantization quantization, Precision precision, int out, int in) {
    Random random = new Random(out);
    float[] weights = gaussian(random, out * in, 0.02);
    float[] x = gaussian(random, ROWS * in, 1);
    for (int i = 0; i < x.length; i++)
      x[i] = Float.intBitsToFloat(Float.floatToIntBits(x[i]) & ~0xffff);
    GraphFunction function = trace(quantization, precision.type(), out, in);
    try (Executable executable = path.load(List.of(function));
        Arena arena = Arena.ofShared()) {
      Float32Tensor source = Float32Tensor.of(HostTensor.of(weights, out, in).data());
      List<Quantizer.State> states =
          Quantizer.quantize(quantization, "w", TensorShape.of(out, in), source, arena);
      states.forEach(state -> executable.assign(state.spec().name(), state.value()));
      double[] exact = Dequantized.of(quantization, states);
      double tolerance = precision == Precision.FLOAT32 ? 1e-5 : 1.0 / 64;
      try (Results results =
          executable.run(function.name(), Map.of("x", HostTensor.of(x, ROWS, in)))) {
        float[] product = results.get("product").floats();
        for (int m = 0; m < ROWS; m++) {
          for (int o = 0; o < out; o++) {
            double sum = 0;
            for (int i = 0; i < in; i++) sum += (double) x[m * in + i] * exact[o * in + i];
            assertEquals(sum, product[m * out + o], tolerance * (1 + Math.abs(sum)), m + ", " + o);
          }
        }
        float[] rows = results.get("rows").floats();
        for (int i = 0; i < rows.length; i++) {
          double weight = exact[IDS[i / in / 2][i / in % 2] * in + i % in];
          assertEquals(weight, rows[i], tolerance * Math.abs(weight) + 1e-7);
        }
      }
    }
  }

  private static <T extends TFloating> GraphFunction trace(
      Quantization quantization, Class<T> type, int out, int in) {
    try (Trace trace = new Trace("product")) {
      Ops tf = trace.ops();
      Operand<TFloat32> x = trace.argument("x", TFloat32.class, TensorShape.of(ROWS, in));
      Matrix matrix = matrix(trace, quantization, Tensors.elementType(type), out, in);
      Operand<T> product = matrix.product(tf, Scalars.cast(tf, x, type));
      trace.result("product", Scalars.toFloat32(tf, product));
      Operand<TInt32> ids = tf.constant(IDS);
      trace.result("rows", Scalars.toFloat32(tf, matrix.rows(tf, ids, type)));
      return trace.finish();
    }
  }

  private static Matrix matrix(
      Trace trace, Quantization quantization, ElementType scales, int out, int in) {
    Map<String, Operand<?>> states = new HashMap<>();
    for (TensorSpec state : quantization.states("w", TensorShape.of(out, in), scales)) {
      Class<? extends TType> kept = Tensors.type(state.type());
      states.put(state.name(), trace.state(state.name(), StateRole.WEIGHT, kept, state.shape()));
    }
    return quantization.matrix(states::get, "w");
  }

  private static float[] gaussian(Random random, int count, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) values[i] = (float) random.nextGaussian(0, deviation);
    return values;
  }
}
