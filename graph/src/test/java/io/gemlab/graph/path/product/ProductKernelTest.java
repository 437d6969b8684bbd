package io.gemlab.graph.path.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.Profile;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Precision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Products by each kernel against float64 sums, and the nodes that ran. */
class ProductKernelTest {
  private static final int M = 5;
  private static final int K = 48;
  private static final int N = 7;
  private static final int BATCH = 3;
  private static final String FUNCTION = "f";

  static Stream<Arguments> kernels() {
    List<Arguments> cases = new ArrayList<>();
    for (ExecutionPath path : List.of(new GraphPath(), new ClusteredPath())) {
      for (ProductKernel kernel : ProductKernel.values()) {
        for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
          cases.add(Arguments.of(path, kernel, precision));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("kernels")
  void computesTheSumsAndTheSameBitsEachTime(
      ExecutionPath path, ProductKernel kernel, Precision precision) {
    GraphFunction function = traced(precision.type());
    ExecutionPath pinned = path.withProducts(Products.pinned(kernel));
    double tolerance = precision == Precision.FLOAT32 ? 1e-6 : 1e-2;
    Map<String, float[]> first = run(pinned, function);
    assertEquals(8, first.size());
    first.forEach((name, got) -> assertProducts(name, got, tolerance));
    run(pinned, function).forEach((name, got) -> assertArrayEquals(first.get(name), got, name));
  }

  private static Map<String, float[]> run(ExecutionPath path, GraphFunction function) {
    try (Executable executable = path.load(List.of(function));
        Results results = executable.run(FUNCTION, arguments())) {
      Map<String, float[]> values = new TreeMap<>();
      results.tensors().forEach((name, tensor) -> values.put(name, tensor.floats()));
      return values;
    }
  }

  private static void assertProducts(String name, float[] got, double tolerance) {
    boolean batched = name.startsWith("batched");
    boolean left = name.contains("T_");
    boolean right = name.endsWith("T");
    float[] a = values(1, (batched ? BATCH : 1) * M * K);
    float[] b = values(2, (batched ? BATCH : 1) * K * N);
    for (int i = 0; i < got.length; i++) {
      int matrix = i / (M * N);
      int m = i / N % M;
      int n = i % N;
      double sum = 0;
      double size = 0;
      for (int k = 0; k < K; k++) {
        float x = a[matrix * M * K + (left ? k * M + m : m * K + k)];
        float y = b[matrix * K * N + (right ? n * K + k : k * N + n)];
        sum += (double) x * y;
        size += Math.abs((double) x * y);
      }
      assertEquals(sum, got[i], tolerance * size, name + ", " + i);
    }
  }

  /** Grappler would make a product of a copy what it was: the copies are among what ran. */
  @Test
  void transposedOperandsAreCopiedWhenTheGraphRuns() {
    List<Profile.Node> nodes = profile(ProductKernel.TRANSPOSED, Precision.FLOAT32);
    assertEquals(8, count(nodes, "Transpose"));
    assertEquals(0, count(profile(ProductKernel.TENSORFLOW, Precision.FLOAT32), "Transpose"));
    List<String> read =
        nodes.stream()
            .filter(node -> node.op().endsWith("MatMul") || node.op().contains("BatchMatMul"))
            .flatMap(node -> node.inputs().stream())
            .filter(input -> input.contains("/transposed"))
            .toList();
    assertEquals(8, read.size(), "products read the copies");
  }

  /** Merged casts of an operand would keep it in float32 from the first product to the last. */
  @Test
  void eachProductWidensItsOperandsItself() {
    List<Profile.Node> nodes = profile(ProductKernel.WIDENED, Precision.BFLOAT16);
    long casts = nodes.stream().filter(node -> node.name().contains("/widened/operand")).count();
    assertEquals(16, casts);
    assertEquals(
        0,
        profile(ProductKernel.WIDENED, Precision.FLOAT32).stream()
            .filter(node -> node.name().contains("/widened"))
            .count());
  }

  @Test
  void theReportCountsProductsByKernel() {
    GraphFunction function = traced(TFloat32.class);
    Products pinned = Products.pinned(ProductKernel.TRANSPOSED);
    try (Executable executable = new GraphPath().withProducts(pinned).load(List.of(function))) {
      ProductUse use = executable.report(FUNCTION).products();
      assertEquals(8, use.products().stream().mapToInt(ProductUse.Of::nodes).sum());
      assertTrue(use.described().startsWith("6 of 8 transposed (float32 5x48x7 NT"));
    }
    ExecutionPath fused = new FusedPath();
    assertEquals(fused, fused.withProducts(pinned));
  }

  private static List<Profile.Node> profile(ProductKernel kernel, Precision precision) {
    ExecutionPath path = new GraphPath().withProducts(Products.pinned(kernel));
    try (Executable executable = path.load(List.of(traced(precision.type())))) {
      executable.run(FUNCTION, arguments()).close();
      return executable.profile(FUNCTION, arguments()).nodes();
    }
  }

  private static long count(List<Profile.Node> nodes, String op) {
    return nodes.stream().filter(node -> node.op().endsWith(op)).count();
  }

  /** A product of matrices and one of batches of them, each matrix as it is and transposed. */
  private static <T extends TFloating> GraphFunction traced(Class<T> type) {
    try (Trace trace = new Trace(FUNCTION)) {
      Ops tf = trace.ops();
      for (boolean left : List.of(false, true)) {
        Operand<T> a = argument(trace, "a", type, left, M, K);
        Operand<T> batchedA = argument(trace, "batchedA", type, left, M, K, BATCH);
        for (boolean right : List.of(false, true)) {
          Operand<T> b = argument(trace, "b" + left, type, right, K, N);
          Operand<T> batchedB = argument(trace, "batchedB" + left, type, right, K, N, BATCH);
          String which = (left ? "T_" : "N_") + (right ? "T" : "N");
          trace.result(
              "matrix" + which,
              tf.dtypes.cast(
                  tf.linalg.matMul(a, b, MatMul.transposeA(left), MatMul.transposeB(right)),
                  TFloat32.class));
          trace.result(
              "batched" + which,
              tf.dtypes.cast(
                  tf.train.batchMatMul(
                      batchedA, batchedB, type, BatchMatMul.adjX(left), BatchMatMul.adjY(right)),
                  TFloat32.class));
        }
      }
      return trace.finish();
    }
  }

  private static <T extends TFloating> Operand<T> argument(
      Trace trace,
      String name,
      Class<T> type,
      boolean transposed,
      int rows,
      int columns,
      long... batch) {
    long[] shape = new long[batch.length + 2];
    if (batch.length > 0) shape[0] = batch[0];
    shape[batch.length] = transposed ? columns : rows;
    shape[batch.length + 1] = transposed ? rows : columns;
    Operand<TFloat32> argument =
        trace.argument(name + (transposed ? "T" : "N"), TFloat32.class, TensorShape.of(shape));
    return trace.ops().dtypes.cast(argument, type);
  }

  private static Map<String, HostTensor> arguments() {
    Map<String, HostTensor> arguments = new HashMap<>();
    arguments.put("aN", HostTensor.of(values(1, M * K), M, K));
    arguments.put("aT", HostTensor.of(values(1, M * K), K, M));
    arguments.put("batchedAN", HostTensor.of(values(1, BATCH * M * K), BATCH, M, K));
    arguments.put("batchedAT", HostTensor.of(values(1, BATCH * M * K), BATCH, K, M));
    for (boolean left : List.of(false, true)) {
      arguments.put("b" + left + "N", HostTensor.of(values(2, K * N), K, N));
      arguments.put("b" + left + "T", HostTensor.of(values(2, K * N), N, K));
      arguments.put("batchedB" + left + "N", HostTensor.of(values(2, BATCH * K * N), BATCH, K, N));
      arguments.put("batchedB" + left + "T", HostTensor.of(values(2, BATCH * K * N), BATCH, N, K));
    }
    return arguments;
  }

  /** Numbers that bfloat16 holds, so that only products round. */
  private static float[] values(int seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      int bits = Float.floatToRawIntBits((float) random.nextGaussian());
      values[i] = Float.intBitsToFloat(bits & 0xffff0000);
    }
    return values;
  }
}
