package io.gemlab.graph.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import io.gemlab.ops.Bfloat16;
import io.gemlab.ops.Precision;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.matrix.Matrix;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/** Products of 8- and 4-bit weights and 8-bit activations against exact sums of them. */
class A8ProductTest {
  private static final String PRODUCT = "product";

  static Stream<Arguments> onEveryPath() {
    List<Arguments> cases = new ArrayList<>();
    for (ExecutionPath path : Golden.PATHS) {
      for (Quantization quantization : List.of(Quantization.W8A8, Quantization.W4A8)) {
        for (Precision precision : Precision.values()) {
          cases.add(Arguments.of(path, quantization, precision));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("onEveryPath")
  void everyPathMultipliesTheIntegers(
      ExecutionPath path, Quantization quantization, Precision precision) {
    check(path, quantization, precision, 3, 96, 40);
  }

  /**
   * Shapes that fill the kernel's vectors and pieces and that don't, and more rows than it takes at
   * once.
   */
  @ParameterizedTest
  @CsvSource({
    "W8A8, 1, 1, 1",
    "W8A8, 1, 2304, 700",
    "W8A8, 2, 31, 65",
    "W8A8, 16, 100, 37",
    "W8A8, 600, 512, 1000",
    "W4A8, 1, 32, 1",
    "W4A8, 1, 2304, 700",
    "W4A8, 2, 64, 16",
    "W4A8, 3, 96, 65",
    "W4A8, 6, 160, 37",
    "W4A8, 71, 512, 1000"
  })
  void aKernelMultipliesAnyShape(Quantization quantization, int rows, int in, int out) {
    check(new GraphPath(), quantization, Precision.FLOAT32, rows, in, out);
    check(new GraphPath(), quantization, Precision.BFLOAT16, rows, in, out);
  }

  /** Whatever the activations: the largest sums of a block that there are fit its 16 bits. */
  @Test
  void theLargestSumsOfABlockAreExact() {
    try (Product product =
        new Product(new GraphPath(), Quantization.W4A8, Precision.FLOAT32, 2, 64, 16)) {
      float[] weights = new float[16 * 64];
      Arrays.fill(weights, -1);
      List<Quantizer.State> states = product.assign(weights);
      assertEquals(-1, Dequantized.of(Quantization.W4A8, states)[0], "weights are all -8 / 8");
      float[] x = new float[2 * 64];
      Arrays.fill(x, 0, 64, 3);
      Arrays.fill(x, 64, 128, -3);
      float[] got = product.of(x);
      for (int i = 0; i < 16; i++) {
        assertEquals(-3 * 64, got[i], 1e-4);
        assertEquals(3 * 64, got[16 + i], 1e-4);
      }
    }
  }

  /** A row's value is the same to the last bit, however many there are beside it. */
  @ParameterizedTest
  @EnumSource(names = {"W8A8", "W4A8"})
  void aRowIsWorthTheSameAmongOthers(Quantization quantization) {
    float[] x = x(Precision.FLOAT32, 6, 96);
    try (Product many = new Product(new GraphPath(), quantization, Precision.FLOAT32, 6, 96, 40);
        Product one = new Product(new GraphPath(), quantization, Precision.FLOAT32, 1, 96, 40)) {
      many.assign(1);
      one.assign(1);
      float[] all = many.of(x);
      for (int row = 0; row < 6; row++) {
        assertArrayEquals(
            Arrays.copyOfRange(all, row * 40, (row + 1) * 40),
            one.of(Arrays.copyOfRange(x, row * 96, (row + 1) * 96)));
      }
    }
  }

  private static void check(
      ExecutionPath path,
      Quantization quantization,
      Precision precision,
      int rows,
      int in,
      int out) {
    float[] x = x(precision, rows, in);
    double tolerance =
        switch (precision) {
          case FLOAT32 -> 1e-5;
          case BFLOAT16 -> 1.0 / 64;
          case FLOAT16 -> 1.0 / 256;
        };
    try (Product product = new Product(path, quantization, precision, rows, in, out)) {
      List<Quantizer.State> states = product.assign(1);
      double[] want = exact(x, rows, in, out, Dequantized.of(quantization, states));
      float[] got = product.of(x);
      if (path instanceof GraphPath && precision != Precision.FLOAT16) {
        assertEquals("1 of 1", product.executable.report(PRODUCT).kernels().counted());
      }
      double size = 0;
      for (double value : want) size = Math.max(size, Math.abs(value));
      for (int i = 0; i < want.length; i++) {
        assertEquals(want[i], got[i], tolerance * (Math.abs(want[i]) + 0.1 * size), "at " + i);
      }
    }
  }

  /** What is computed of a row of zeros, and of one that is no number. */
  @ParameterizedTest
  @EnumSource(names = {"W8A8", "W4A8"})
  void aRowOfZerosIsZeroAndNaNStays(Quantization quantization) {
    for (ExecutionPath path : Golden.PATHS) {
      try (Product product = new Product(path, quantization, Precision.FLOAT32, 2, 64, 64)) {
        product.assign(1);
        float[] x = new float[128];
        x[100] = Float.NaN;
        float[] got = product.of(x);
        for (int i = 0; i < 64; i++) assertEquals(0, got[i], path.label());
        for (int i = 64; i < 128; i++) assertTrue(Float.isNaN(got[i]), path.label());
      }
    }
  }

  /** To the last bit, as often as it is asked, and with weights that were assigned again. */
  @ParameterizedTest
  @EnumSource(names = {"W8A8", "W4A8"})
  void packedWeightsFollowWhatIsAssigned(Quantization quantization) {
    float[] x = x(Precision.FLOAT32, 4, 320);
    try (Product product =
        new Product(new GraphPath(), quantization, Precision.FLOAT32, 4, 320, 200)) {
      product.assign(1);
      float[] first = product.of(x);
      assertArrayEquals(first, product.of(x));
      product.assign(2);
      float[] second = product.of(x);
      assertTrue(Math.abs(first[0] - second[0]) > 1e-3, first[0] + " and " + second[0]);
      product.assign(1);
      assertArrayEquals(first, product.of(x));
    }
  }

  /** What is kept packed is read as it was assigned, and released with what it was packed from. */
  @ParameterizedTest
  @EnumSource(names = {"W8A8", "W4A8"})
  void integersThatArePackedAreReadAsTheyWereAssigned(Quantization quantization) {
    try (Product product =
        new Product(new GraphPath(), quantization, Precision.FLOAT32, 1, 96, 65)) {
      List<Quantizer.State> states = product.assign(1);
      product.of(new float[96]);
      for (Quantizer.State assigned : states) {
        try (HostTensor value = product.executable.read(assigned.spec().name())) {
          assertEquals(-1, assigned.value().data().mismatch(value.data()));
        }
      }
      TensorSpec values = states.getFirst().spec();
      product.executable.release(List.of(values.name()));
      IllegalStateException missing =
          assertThrows(IllegalStateException.class, () -> product.of(new float[96]));
      assertTrue(missing.getMessage().contains("needs " + values), missing.getMessage());
    }
  }

  /** A product with a quantized matrix, traced and loaded. */
  private static final class Product implements AutoCloseable {
    private final Executable executable;
    private final Quantization quantization;
    private final int rows;
    private final int in;
    private final int out;

    Product(
        ExecutionPath path,
        Quantization quantization,
        Precision precision,
        int rows,
        int in,
        int out) {
      this.quantization = quantization;
      this.rows = rows;
      this.in = in;
      this.out = out;
      executable = path.load(List.of(trace(precision.type())));
    }

    private <T extends TFloating> GraphFunction trace(Class<T> type) {
      try (Trace trace = new Trace(PRODUCT)) {
        Ops tf = trace.ops();
        Operand<TFloat32> x = trace.argument("x", TFloat32.class, TensorShape.of(rows, in));
        Map<String, Operand<?>> states = new HashMap<>();
        for (TensorSpec state :
            quantization.states("w", TensorShape.of(out, in), ElementType.F32)) {
          Class<? extends TType> kept = Tensors.type(state.type());
          states.put(
              state.name(), trace.state(state.name(), StateRole.WEIGHT, kept, state.shape()));
        }
        Matrix matrix = quantization.matrix(states::get, "w");
        Operand<T> product = matrix.product(tf, Scalars.cast(tf, x, type));
        trace.result(PRODUCT, Scalars.toFloat32(tf, product));
        return trace.finish();
      }
    }

    /** Assigns random weights. */
    List<Quantizer.State> assign(long seed) {
      Random random = new Random(seed);
      float[] weights = new float[out * in];
      for (int i = 0; i < weights.length; i++) weights[i] = (float) random.nextGaussian(0, 0.02);
      return assign(weights);
    }

    List<Quantizer.State> assign(float[] weights) {
      Float32Tensor source = Float32Tensor.of(HostTensor.of(weights, out, in).data());
      List<Quantizer.State> states =
          Quantizer.quantize(quantization, "w", TensorShape.of(out, in), source, Arena.ofAuto());
      states.forEach(state -> executable.assign(state.spec().name(), state.value()));
      return states;
    }

    float[] of(float[] x) {
      try (Results results = executable.run(PRODUCT, Map.of("x", HostTensor.of(x, rows, in)))) {
        return results.get(PRODUCT).floats();
      }
    }

    @Override
    public void close() {
      executable.close();
    }
  }

  private static float[] x(Precision precision, int rows, int in) {
    Random random = new Random(7);
    float[] x = new float[rows * in];
    for (int i = 0; i < x.length; i++) {
      // Rows of different size, numbers that all types hold.
      float value = (float) random.nextGaussian() * (1 + i / in % 3);
      x[i] = precision == Precision.FLOAT32 ? value : Bfloat16.toFloat(Bfloat16.fromFloat(value));
    }
    return x;
  }

  private static double[] exact(float[] x, int rows, int in, int out, double[] weights) {
    double[] products = new double[rows * out];
    for (int m = 0; m < rows; m++) {
      float largest = 0;
      for (int i = 0; i < in; i++) largest = Math.max(largest, Math.abs(x[m * in + i]));
      double[] rounded = new double[in];
      for (int i = 0; i < in; i++) {
        rounded[i] = Math.rint(x[m * in + i] * (127 / largest)) * largest / 127;
      }
      for (int o = 0; o < out; o++) {
        double sum = 0;
        for (int i = 0; i < in; i++) sum += rounded[i] * weights[o * in + i];
        products[m * out + o] = sum;
      }
    }
    return products;
  }
}
