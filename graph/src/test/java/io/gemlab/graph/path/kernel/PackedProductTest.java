package io.gemlab.graph.path.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.process.ProcessMemory;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.MemoryTest;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Bfloat16;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.matrix.DenseMatrix;
import io.gemlab.ops.matrix.Matrix;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Products by matrices that a session packs: their values, and when they are packed anew. */
class PackedProductTest {
  private static final ExecutionPath GRAPH = new GraphPath().withProducts(Products.measured());
  private static final ExecutionPath CLUSTERED =
      new ClusteredPath().withProducts(Products.measured());

  private static final String PRODUCT = "product";
  private static final String W = "w";

  /** Rows and widths that fill oneDNN's registers and that don't. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "1, 2304, 700",
    "3, 31, 65",
    "3, 1, 129",
    "2, 40, 1",
    "5, 130, 64",
    "17, 100, 37",
    "4, 9216, 40",
    "512, 300, 1000"
  })
  void productsAreSumsOfAnyShape(int rows, int in, int out) {
    for (ExecutionPath path : List.of(GRAPH, CLUSTERED)) {
      check(path, TFloat32.class, rows, in, out, 0);
      check(path, TBfloat16.class, rows, in, out, 1.0 / 256); // which rounds once, to 8 bits
    }
  }

  private static void check(
      ExecutionPath path,
      Class<? extends TFloating> type,
      int rows,
      int in,
      int out,
      double tolerance) {
    float[] x = rounded(1, rows * in);
    float[] w = rounded(2, out * in);
    try (Executable executable = path.load(List.of(product(PRODUCT, type, rows, in, out)))) {
      assertEquals("1 of 1", executable.report(PRODUCT).kernels().counted());
      assign(executable, type, w, out, in);
      float[] got = run(executable, PRODUCT, x, rows, in);
      for (int at = 0; at < got.length; at++) {
        double sum = 0;
        double size = 0;
        for (int i = 0; i < in; i++) {
          double term = (double) x[at / out * in + i] * w[at % out * in + i];
          sum += term;
          size += Math.abs(term);
        }
        assertEquals(sum, got[at], tolerance * Math.abs(sum) + 1e-6 * size, "at " + at);
      }
      assertArrayEquals(got, run(executable, PRODUCT, x, rows, in));
    }
  }

  /** To the last bit, with weights that were assigned again, and of several functions. */
  @Test
  void whoPinsProductsHasNoPackedOnes() {
    GraphFunction product = product(PRODUCT, TFloat32.class, 2, 31, 65);
    try (Executable executable = GRAPH.withProducts(Products.TENSORFLOW).load(List.of(product))) {
      assertEquals("-", executable.report(PRODUCT).kernels().counted());
    }
  }

  @Test
  void packedWeightsFollowWhatIsAssigned() {
    float[] x = rounded(1, 512 * 60);
    float[] one = rounded(2, 200 * 60);
    float[] other = rounded(3, 200 * 60);
    try (Executable executable =
        GRAPH.load(List.of(product(PRODUCT, TFloat32.class, 512, 60, 200)))) {
      assign(executable, TFloat32.class, one, 200, 60);
      float[] first = run(executable, PRODUCT, x, 512, 60);
      assign(executable, TFloat32.class, other, 200, 60);
      float[] second = run(executable, PRODUCT, x, 512, 60);
      assertTrue(Math.abs(first[0] - second[0]) > 1e-3, first[0] + " and " + second[0]);
      executable.add(product("row", TFloat32.class, 1, 60, 200));
      float[] row = run(executable, "row", Arrays.copyOf(x, 60), 1, 60);
      for (int i = 0; i < 200; i++) assertEquals(second[i], row[i], 1e-4);
      assign(executable, TFloat32.class, one, 200, 60);
      assertArrayEquals(first, run(executable, PRODUCT, x, 512, 60));
    }
  }

  /** Of a matrix that only products read the packed one alone is kept, and nobody sees it. */
  @ParameterizedTest
  @CsvSource({"TFloat32", "TBfloat16"})
  void whatWasPackedIsReadAsItWasAssigned(String type) {
    Class<? extends TFloating> kept = type.equals("TFloat32") ? TFloat32.class : TBfloat16.class;
    float[] w = rounded(2, 65 * 31);
    try (Executable executable = GRAPH.load(List.of(product(PRODUCT, kept, 2, 31, 65)))) {
      assign(executable, kept, w, 65, 31);
      float[] x = rounded(1, 62);
      float[] before = run(executable, PRODUCT, x, 2, 31);
      try (HostTensor value = executable.read(W)) {
        HostTensor assigned = kept == TFloat32.class ? HostTensor.of(w, 65, 31) : narrow(w, 65, 31);
        assertEquals(-1, assigned.data().mismatch(value.data()));
      }

      executable.add(row("row", kept, 31, 65));
      try (Results results =
          executable.run("row", Map.of("id", HostTensor.of(new int[] {64}, 1)))) {
        assertArrayEquals(Arrays.copyOfRange(w, 64 * 31, 65 * 31), results.get("row").floats());
      }
      assertArrayEquals(before, run(executable, PRODUCT, x, 2, 31));

      executable.release(List.of(W));
      assertThrows(IllegalStateException.class, () -> executable.read(W));
      IllegalStateException missing =
          assertThrows(IllegalStateException.class, () -> run(executable, PRODUCT, x, 2, 31));
      assertTrue(missing.getMessage().contains("product needs w"), missing.getMessage());
    }
  }

  /** One whose rows are looked up too would be kept twice, and stays as it is. */
  @Test
  void aMatrixThatIsReadOtherwiseIsNotPacked() {
    try (Trace trace = new Trace(PRODUCT)) {
      Ops tf = trace.ops();
      Matrix matrix =
          new DenseMatrix(trace.state(W, StateRole.WEIGHT, TFloat32.class, TensorShape.of(5, 3)));
      Operand<TInt32> id = trace.argument("id", TInt32.class, TensorShape.of(1));
      trace.result("y", matrix.product(tf, matrix.rows(tf, id, TFloat32.class)));
      try (Executable executable = GRAPH.load(List.of(trace.finish()))) {
        assertEquals("-", executable.report(PRODUCT).kernels().counted());
      }
    }
  }

  /** Where weights are trained nothing is packed, and a later writer is seen. */
  @Test
  void weightsThatAFunctionWritesAreTheNewOnes() {
    GraphFunction product = product(PRODUCT, TFloat32.class, 1, 3, 2);
    float[] x = {1, 2, 3};
    try (Executable executable = GRAPH.load(List.of(doubling(), product))) {
      assertEquals("-", executable.report(PRODUCT).kernels().counted());
    }
    for (ExecutionPath path : List.of(new EagerPath(), GRAPH)) {
      try (Executable executable = path.load(List.of(product))) {
        assign(executable, TFloat32.class, new float[] {1, 1, 1, 0, 1, 0}, 2, 3);
        assertArrayEquals(new float[] {6, 2}, run(executable, PRODUCT, x, 1, 3));
        executable.add(doubling());
        executable.run("double", Map.of()).close();
        assertArrayEquals(new float[] {12, 4}, run(executable, PRODUCT, x, 1, 3), path.label());
        executable.run("double", Map.of()).close();
        assertArrayEquals(new float[] {24, 8}, run(executable, PRODUCT, x, 1, 3), path.label());
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void sessionsFreeWhatTheyPacked() throws IOException, InterruptedException {
    MemoryTest.requireFlat(Sessions.class, "graph", 80, 200, "--add-modules=jdk.incubator.vector");
  }

  /** What another Java runs: sessions one after the other, 640 kB of weights each. */
  public static final class Sessions {
    private Sessions() {}

    public static void main(String[] args) {
      int warmUp = Integer.parseInt(args[1]);
      int all = Integer.parseInt(args[2]);
      HostTensor w = HostTensor.of(rounded(2, 400 * 400), 400, 400);
      float[] x = rounded(1, 400);
      for (int session = 0; session < all; session++) {
        if (session == warmUp) printMemory();
        try (Executable executable =
            GRAPH.load(List.of(product(PRODUCT, TFloat32.class, 1, 400, 400)))) {
          for (int i = 0; i < 3; i++) {
            executable.assign(W, w);
            run(executable, PRODUCT, x, 1, 400);
          }
        }
      }
      printMemory();
    }

    private static void printMemory() {
      System.gc();
      System.out.print(ProcessMemory.anonymous().orElseThrow() / 1024 + " ");
    }
  }

  private static <T extends TFloating> GraphFunction product(
      String name, Class<T> type, int rows, int in, int out) {
    try (Trace trace = new Trace(name)) {
      Ops tf = trace.ops();
      Operand<TFloat32> x = trace.argument("x", TFloat32.class, TensorShape.of(rows, in));
      Operand<T> w = trace.state(W, StateRole.WEIGHT, type, TensorShape.of(out, in));
      Operand<T> y = new DenseMatrix(w).product(tf, Scalars.cast(tf, x, type));
      trace.result("y", Scalars.toFloat32(tf, y));
      return trace.finish();
    }
  }

  /** A row of the matrix. */
  private static <T extends TFloating> GraphFunction row(
      String name, Class<T> type, int in, int out) {
    try (Trace trace = new Trace(name)) {
      Operand<T> w = trace.state(W, StateRole.WEIGHT, type, TensorShape.of(out, in));
      Operand<TInt32> id = trace.argument("id", TInt32.class, TensorShape.of(1));
      trace.result("row", new DenseMatrix(w).rows(trace.ops(), id, TFloat32.class));
      return trace.finish();
    }
  }

  /** The matrix becomes twice what it was. */
  private static GraphFunction doubling() {
    try (Trace trace = new Trace("double")) {
      Operand<TFloat32> w = trace.state(W, StateRole.WEIGHT, TFloat32.class, TensorShape.of(2, 3));
      trace.update(W, trace.ops().math.add(w, w));
      return trace.finish();
    }
  }

  private static void assign(
      Executable executable, Class<? extends TFloating> type, float[] w, int out, int in) {
    executable.assign(W, type == TFloat32.class ? HostTensor.of(w, out, in) : narrow(w, out, in));
  }

  private static HostTensor narrow(float[] w, int out, int in) {
    HostTensor narrow = HostTensor.zeros(ElementType.BF16, TensorShape.of(out, in));
    for (int i = 0; i < w.length; i++) {
      narrow.data().setAtIndex(ValueLayout.JAVA_SHORT, i, Bfloat16.fromFloat(w[i]));
    }
    return narrow;
  }

  private static float[] run(Executable executable, String function, float[] x, int rows, int in) {
    try (Results results = executable.run(function, Map.of("x", HostTensor.of(x, rows, in)))) {
      return results.get("y").floats();
    }
  }

  /** Numbers that bfloat16 holds. */
  private static float[] rounded(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = Bfloat16.toFloat(Bfloat16.fromFloat((float) random.nextGaussian()));
    }
    return values;
  }
}
