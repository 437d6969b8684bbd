package io.gemlab.graph.path.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.ops.Bfloat16;
import io.gemlab.ops.choice.Support;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/** The kernels against float64 sums, for rows that fill vectors and rows that don't. */
class RowProductTest {
  @BeforeAll
  static void loadTensorFlow() {
    NativeRuntime.ensure();
  }

  private final Random random = new Random(1);

  /** How a product's numbers are found: x in the type computed in, W as floats. */
  private record Product(float[] x, double[] weights, float[] got) {
    /** bfloat16 rounds once, to 8 bits; sums of float32 are as good as exact beside that. */
    void check(int rows, int in, int out, double tolerance) {
      assertEquals(rows * out, got.length);
      for (int at = 0; at < got.length; at++) {
        int o = at % out;
        int m = at / out;
        double sum = 0;
        double size = 0;
        for (int i = 0; i < in; i++) {
          double term = (double) x[m * in + i] * weights[o * in + i];
          sum += term;
          size += Math.abs(term);
        }
        double allowed = tolerance * Math.abs(sum) + 1e-6 * size;
        assertEquals(sum, got[at], allowed, "[" + m + ", " + o + "]");
      }
    }
  }

  @Test
  void thisProcessHasTheKernels() {
    assertInstanceOf(Support.Supported.class, Kernels.support());
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 31, 5", "2, 32, 7", "3, 130, 64", "4, 2304, 300", "1, 9216, 40"})
  void denseProductsAreSums(int rows, int in, int out) {
    float[] x = rounded(rows * in);
    float[] weights = rounded(out * in);
    float[] got =
        run(
            tf ->
                product(
                    tf,
                    RowProductOp.BFLOAT16.type(),
                    narrow(tf, x, rows, in),
                    narrow(tf, weights, out, in)));
    new Product(x, widened(weights), got).check(rows, in, out, 1.0 / 256);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, true",
    "2, 63, 9, true",
    "1, 64, 9, false",
    "4, 200, 33, true",
    "3, 2304, 17, false",
    "4, 2304, 17, false",
    "9, 200, 33, true",
    "5, 2311, 129, false",
    "70, 512, 700, false",
    "70, 512, 700, true"
  })
  void int8ProductsAreSums(int rows, int in, int out, boolean wide) {
    byte[] values = new byte[out * in];
    random.nextBytes(values);
    float[] scales = rounded(out);
    double[] weights = new double[out * in];
    for (int i = 0; i < weights.length; i++) weights[i] = scales[i / in] * values[i] / 128.0;
    quantized(rows, in, out, wide, values, in, scales, weights, RowProductOp.INT8.type(), 1);
    quantized(rows, in, out, wide, values, in, scales, weights, UnpackedProductOp.INT8.type(), 2);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 32, 1, true",
    "2, 96, 9, true",
    "1, 128, 9, false",
    "4, 160, 33, true",
    "3, 2304, 17, false",
    "5, 2304, 129, false",
    "70, 512, 700, false",
    "70, 512, 700, true"
  })
  void int4ProductsAreSums(int rows, int in, int out, boolean wide) {
    byte[] values = new byte[out * in / 2];
    random.nextBytes(values);
    float[] scales = rounded(out * in / 32);
    double[] weights = new double[out * in];
    for (int i = 0; i < weights.length; i++) {
      int inBlock = i % 32;
      byte both = values[i / 32 * 16 + inBlock % 16];
      int q = inBlock < 16 ? (byte) (both << 4) >> 4 : both >> 4;
      weights[i] = scales[i / 32] * q / 8.0;
    }
    quantized(rows, in, out, wide, values, in / 2, scales, weights, RowProductOp.INT4.type(), 1);
    if (!wide) {
      // Unpacked to the type of what is multiplied, as TensorFlow's ops do.
      for (int i = 0; i < weights.length; i++) weights[i] = Bfloat16.round((float) weights[i]);
    }
    quantized(
        rows, in, out, wide, values, in / 2, scales, weights, UnpackedProductOp.INT4.type(), 1);
  }

  private void quantized(
      int rows,
      int in,
      int out,
      boolean wide,
      byte[] values,
      int rowBytes,
      float[] scales,
      double[] weights,
      String op,
      double roundings) {
    float[] x = rounded(rows * in);
    float[] got =
        run(
            tf -> {
              Operand<TUint8> packed =
                  tf.reshape(
                      tf.constantOf(TUint8.vectorOf(values)),
                      tf.constant(new int[] {out, rowBytes}));
              Operand<TBfloat16> scale = narrow(tf, scales, out, scales.length / out);
              return wide
                  ? product(tf, op, wide(tf, x, rows, in), packed, scale)
                  : product(tf, op, narrow(tf, x, rows, in), packed, scale);
            });
    new Product(x, weights, got).check(rows, in, out, wide ? 0 : roundings / 256);
  }

  private static <T extends TFloating> Operand<T> product(
      Ops tf, String op, Operand<T> x, Operand<?>... matrix) {
    OperationBuilder product = tf.scope().opBuilder(op, "Product").addInput(x.asOutput());
    for (Operand<?> part : matrix) product.addInput(part.asOutput());
    return product.build().output(0).expect(x.type());
  }

  /** Static shapes are known behind the op, as those of TensorFlow's own are. */
  @Test
  void shapesAreInferred() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TBfloat16> y =
          product(
              tf,
              RowProductOp.BFLOAT16.type(),
              narrow(tf, rounded(12), 3, 4),
              narrow(tf, rounded(20), 5, 4));
      assertEquals(Shape.of(3, 5), y.shape());
    }
  }

  /** What doesn't fit ends in an exception, and the process lives. */
  @Test
  void matricesThatDontFitAreRefused() {
    TensorFlowException refusal =
        assertThrows(
            TensorFlowException.class,
            () ->
                run(
                    tf ->
                        product(
                            tf,
                            RowProductOp.BFLOAT16.type(),
                            narrow(tf, rounded(8), 1, 8),
                            narrow(tf, rounded(21), 3, 7))));
    assertTrue(refusal.getMessage().contains("x is [1, 8] and W [3, 7]"), refusal.getMessage());
    String unpacked =
        RefusedInputs.reason(
            UnpackedProductOp.INT4.type(),
            tf ->
                List.of(
                    wide(tf, rounded(8 * 64), 8, 64),
                    tf.reshape(
                        tf.constantOf(TUint8.vectorOf(new byte[96])),
                        tf.constant(new int[] {3, 32})),
                    narrow(tf, rounded(3), 3, 1)));
    assertTrue(unpacked.contains("W [3, 32] and its scales [3, 1]"), unpacked);
  }

  /**
   * Sessions of several threads, whose kernels meet at the same workers. The same numbers to the
   * last bit, before the virtual machine has compiled the kernels and after.
   */
  @Test
  void severalThreadsAtOnce() throws Exception {
    int in = 512;
    int out = 3000;
    float[] x = rounded(in);
    float[] weights = rounded(out * in);
    Callable<float[]> product =
        () ->
            run(
                tf ->
                    product(
                        tf,
                        RowProductOp.BFLOAT16.type(),
                        narrow(tf, x, 1, in),
                        narrow(tf, weights, out, in)));
    float[] alone = product.call();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<float[]>> all = threads.invokeAll(Collections.nCopies(24, product));
      for (Future<float[]> one : all) assertArrayEquals(alone, one.get());
    }
  }

  /** Work that throws in one of the workers throws in the caller, and the next work is done. */
  @Test
  void aWorkersFailureIsTheCallers() {
    IllegalStateException failure =
        assertThrows(
            IllegalStateException.class,
            () ->
                Workers.SHARED.share(
                    100,
                    1,
                    (from, to) -> {
                      if (from <= 50 && 50 < to) throw new IllegalArgumentException("the fiftieth");
                    }));
    assertEquals("the fiftieth", failure.getCause().getMessage());
    int[] done = new int[100];
    Workers.SHARED.share(
        100,
        1,
        (from, to) -> {
          for (int row = from; row < to; row++) done[row]++;
        });
    for (int row : done) assertEquals(1, row);
  }

  @FunctionalInterface
  private interface Traced {
    Operand<? extends TFloating> trace(Ops tf);
  }

  private static float[] run(Traced traced) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> y = tf.dtypes.cast(traced.trace(tf), TFloat32.class);
      try (Session session = new Session(graph);
          var result = session.runner().fetch(y).run()) {
        float[] values = new float[Math.toIntExact(result.get(0).shape().size())];
        ((TFloat32) result.get(0)).asRawTensor().data().asFloats().read(values);
        return values;
      }
    }
  }

  private static Operand<TFloat32> wide(Ops tf, float[] values, int... shape) {
    return tf.reshape(tf.constant(values), tf.constant(shape));
  }

  private static Operand<TBfloat16> narrow(Ops tf, float[] values, int... shape) {
    return tf.dtypes.cast(wide(tf, values, shape), TBfloat16.class);
  }

  /** Numbers that bfloat16 holds. */
  private float[] rounded(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = Bfloat16.toFloat(Bfloat16.fromFloat((float) random.nextGaussian()));
    }
    return values;
  }

  private static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) wide[i] = values[i];
    return wide;
  }
}
