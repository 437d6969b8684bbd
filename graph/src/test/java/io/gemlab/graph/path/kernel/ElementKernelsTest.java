package io.gemlab.graph.path.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.GraphFunction.KernelPlace;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Kernel;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.loss.CrossEntropy;
import io.gemlab.ops.norm.RmsNorm;
import io.gemlab.ops.oracle.Sample;
import io.gemlab.ops.position.Rope;
import io.gemlab.ops.position.RotaryEmbedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/** The kernels of norm, rotary embedding and loss, and of their gradients. */
class ElementKernelsTest {
  private static final String NAME = "function";
  private static final int TOKENS = 5;
  private static final int HEADS = 3;

  @BeforeAll
  static void loadTensorFlow() {
    NativeRuntime.ensure();
  }

  /** An op of inputs, of which it has gradients. */
  private interface Build {
    Operand<TFloating> of(Ops tf, List<Operand<TFloating>> inputs);
  }

  private static Operand<TFloating> rotated(Ops tf, List<Operand<TFloating>> inputs) {
    int headDim = Math.toIntExact(inputs.getFirst().shape().get(3));
    int[][] positions = new int[2][TOKENS];
    for (int t = 0; t < TOKENS; t++) {
      positions[0][t] = t - 2;
      positions[1][t] = 37 * t + 1;
    }
    return RotaryEmbedding.of(tf, tf.constant(positions), headDim, Rope.of(10_000))
        .rotate(tf, inputs.getFirst());
  }

  private static Operand<TFloating> normed(Ops tf, List<Operand<TFloating>> inputs) {
    return RmsNorm.apply(tf, inputs.get(0), inputs.get(1), 1e-6f);
  }

  private static List<Sample> heads(int headDim) {
    return List.of(Sample.gaussian(new SplittableRandom(headDim), 2, 2, TOKENS, HEADS, headDim));
  }

  private static List<Sample> rowsAndWeight(int width) {
    SplittableRandom random = new SplittableRandom(width);
    return List.of(Sample.gaussian(random, 3, 3, 25, width), Sample.gaussian(random, 0.5, width));
  }

  /** Halves that fill no vector, one, and some and a rest. */
  @ParameterizedTest
  @ValueSource(ints = {2, 32, 64, 70, 256})
  void aRotationIsThatOfTheOps(int headDim) {
    for (Class<? extends TFloating> type : types()) {
      List<float[]> kernels =
          run(new GraphPath(), traced(ElementKernelsTest::rotated, heads(headDim), type));
      List<float[]> ops =
          run(new EagerPath(), traced(ElementKernelsTest::rotated, heads(headDim), type));
      for (int n = 0; n < ops.size(); n++) assertArrayEquals(ops.get(n), kernels.get(n), 1e-6f);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 40, 2304})
  void aNormAndItsGradientsAreTheOracles(int width) {
    for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
      List<Sample> inputs =
          rowsAndWeight(width).stream().map(sample -> sample.in(precision)).toList();
      GraphFunction function = traced(ElementKernelsTest::normed, inputs, precision.type());
      double[] x = inputs.get(0).values();
      double[] weight = inputs.get(1).values();
      double[] dWeight = new double[width];
      double unit = precision == Precision.FLOAT32 ? 4e-6 : 1.0 / 128;
      for (ExecutionPath path : List.of(new GraphPath(), new ClusteredPath())) {
        Arrays.fill(dWeight, 0);
        List<float[]> got = run(path, function);
        for (int row = 0; row < x.length; row += width) {
          double squares = 0;
          double along = 0;
          for (int i = 0; i < width; i++) squares += x[row + i] * x[row + i];
          double inverse = 1 / Math.sqrt(squares / width + 1e-6);
          double[] g = new double[width];
          for (int i = 0; i < width; i++) {
            double dY = Sample.round(precision, weight(row + i));
            g[i] = dY * (1 + weight[i]);
            along += g[i] * x[row + i] * inverse / width;
            dWeight[i] += dY * x[row + i] * inverse;
          }
          for (int i = 0; i < width; i++) {
            double n = x[row + i] * inverse;
            assertEquals(n * (1 + weight[i]), got.get(0)[row + i], unit * (1 + Math.abs(n)) * 2);
            assertEquals((g[i] - n * along) * inverse, got.get(1)[row + i], unit * 4);
          }
        }
        for (int i = 0; i < width; i++) {
          assertEquals(dWeight[i], got.get(2)[i], unit * 10 * Math.max(1, Math.abs(dWeight[i])));
        }
      }
    }
  }

  /** With each cap and none, labels smoothed and not, and some that are not scored. */
  @ParameterizedTest
  @CsvSource({"30, 0, 260", "30, 0.1, 5000", "60, 0, 5000", ", 0, 5000", ", 0.2, 31"})
  void aLossAndItsGradientAreTheOracles(Double cap, double smoothing, int vocabulary) {
    Softcap softcap = cap == null ? Softcap.none() : Softcap.of(cap);
    int rows = 6;
    int[] labels = {0, vocabulary - 1, -1, 7, vocabulary / 2, -3};
    for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
      Sample logits =
          Sample.gaussian(new SplittableRandom(vocabulary), 8, rows, vocabulary).in(precision);
      GraphFunction function =
          traced(
              (tf, inputs) ->
                  tf.dtypes.cast(
                      CrossEntropy.apply(
                          tf, inputs.getFirst(), tf.constant(labels), softcap, smoothing),
                      inputs.getFirst().type()),
              List.of(logits),
              precision.type());
      assertEquals(List.of(Kernel.LOG_SUM_EXP, Kernel.CROSS_ENTROPY_GRADIENT), kernels(function));
      List<float[]> got = run(new GraphPath(), function);
      double unit = precision == Precision.FLOAT32 ? 1e-5 : 1.0 / 128;
      for (int row = 0; row < rows; row++) {
        double[] z = new double[vocabulary];
        double sum = 0;
        double mean = 0;
        for (int v = 0; v < vocabulary; v++) {
          double x = logits.values()[row * vocabulary + v];
          z[v] = cap == null ? x : cap * Math.tanh(x / cap);
          sum += Math.exp(z[v]);
          mean += z[v] / vocabulary;
        }
        int label = labels[row];
        boolean scored = label >= 0;
        double loss = scored ? Math.log(sum) - (1 - smoothing) * z[label] - smoothing * mean : 0;
        assertEquals(loss, got.getFirst()[row], unit * (1 + Math.abs(loss)));
        double dLoss = scored ? Sample.round(precision, weight(row)) : 0;
        for (int v = 0; v < vocabulary; v++) {
          double share = smoothing / vocabulary + (v == label ? 1 - smoothing : 0);
          double slope = cap == null ? 1 : 1 - z[v] * z[v] / cap / cap;
          double want = (Math.exp(z[v]) / sum - share) * dLoss * slope;
          assertEquals(want, got.get(1)[row * vocabulary + v], unit * Math.abs(want) + 2e-6);
        }
      }
    }
  }

  /** A token that can't come, at no cap, is one of probability 0, in the gradient too. */
  @Test
  void aLogitOfMinusInfinityHasNoGradient() {
    int masked = 7;
    List<float[]> got = loss(masked, Double.NEGATIVE_INFINITY, Softcap.none());
    assertTrue(Float.isFinite(got.getFirst()[0]));
    float[] gradient = got.get(1);
    assertEquals(0, gradient[masked], 1e-30f);
    double sum = 0;
    for (float x : gradient) sum += x;
    assertEquals(0, sum, 1e-6);
  }

  /** Among whole vectors and behind them, with a cap and without. */
  @ParameterizedTest
  @CsvSource({"7, 30", "259, 30", "7,", "259,"})
  void aLossOfALogitThatIsNoNumberIsNone(int place, Double cap) {
    List<float[]> got = loss(place, Double.NaN, cap == null ? Softcap.none() : Softcap.of(cap));
    assertTrue(Float.isNaN(got.getFirst()[0]));
    for (float x : got.get(1)) assertTrue(Float.isNaN(x));
  }

  /** That of a row of 260 logits with another in one place, and its gradient. */
  private static List<float[]> loss(int place, double logit, Softcap softcap) {
    Sample logits = Sample.gaussian(new SplittableRandom(1), 8, 1, 260);
    logits.values()[place] = logit;
    GraphFunction function =
        traced(
            (tf, inputs) ->
                CrossEntropy.apply(tf, inputs.getFirst(), tf.constant(new int[] {3}), softcap, 0)
                    .asOutput()
                    .expect(inputs.getFirst().type()),
            List.of(logits),
            TFloat32.class);
    return run(new GraphPath(), function);
  }

  @Test
  void gradientsAreBitEqualFromRunToRun() {
    GraphFunction function =
        traced(ElementKernelsTest::normed, rowsAndWeight(2304), TFloat32.class);
    List<float[]> once = run(new GraphPath(), function);
    List<float[]> again = run(new GraphPath(), function);
    for (int n = 0; n < once.size(); n++) assertArrayEquals(once.get(n), again.get(n));
  }

  @Test
  void notANumberIsHandedOn() {
    List<Sample> inputs = rowsAndWeight(40);
    List<Sample> broken = List.of(inputs.get(0).map(x -> Double.NaN), inputs.get(1));
    for (float[] all :
        run(new GraphPath(), traced(ElementKernelsTest::normed, broken, TFloat32.class))) {
      for (float x : all) assertTrue(Float.isNaN(x));
    }
  }

  @Test
  void placesAreThereForTheTypesThatKernelsTake() {
    assertEquals(
        List.of(Kernel.ROTATION, Kernel.ROTATION),
        kernels(traced(ElementKernelsTest::rotated, heads(8), TBfloat16.class)));
    assertEquals(
        List.of(Kernel.RMS_NORM, Kernel.RMS_NORM_GRADIENT),
        kernels(traced(ElementKernelsTest::normed, rowsAndWeight(8), TFloat32.class)));
    assertEquals(
        List.of(), kernels(traced(ElementKernelsTest::normed, rowsAndWeight(8), TFloat64.class)));
  }

  private static List<Kernel> kernels(GraphFunction function) {
    return function.kernelPlaces().stream().map(KernelPlace::kernel).toList();
  }

  /** What doesn't fit ends in an exception, and the process lives. */
  @Test
  void shapesThatDontFitAreRefused() {
    String rotation =
        RefusedInputs.reason(
            RotationOp.type(),
            tf ->
                List.of(
                    zeros(tf, 1, 2, 2, 8),
                    zeros(tf, 1, 2, 1, 8),
                    zeros(tf, 1, 2, 1, 4),
                    tf.constant(new float[] {1})));
    assertTrue(rotation.contains("x is [1, 2, 2, 8], cosines [1, 2, 1, 8]"), rotation);
    String norm =
        RefusedInputs.reason(
            RmsNormOp.type(),
            tf -> List.of(zeros(tf, 2, 3), zeros(tf, 2), tf.constant(new float[] {1e-6f})));
    assertTrue(norm.contains("x is [2, 3] and the gain [2]"), norm);
    String gradient =
        RefusedInputs.reason(
            RmsNormOp.gradientType(),
            tf -> List.of(zeros(tf, 2, 3), zeros(tf, 3), zeros(tf, 3, 1), zeros(tf, 2, 3)));
    assertTrue(gradient.contains("a number a row [3, 1]"), gradient);
    String loss =
        RefusedInputs.reason(
            CrossEntropyOp.gradientType(),
            tf ->
                List.of(
                    zeros(tf, 2, 3),
                    tf.constant(new int[3]),
                    zeros(tf, 2, 1),
                    zeros(tf, 2),
                    zeros(tf, 3)));
    assertTrue(loss.contains("logits are [2, 3], labels [3]"), loss);
  }

  private static Operand<TFloat32> zeros(Ops tf, int... shape) {
    return tf.zeros(tf.constant(shape), TFloat32.class);
  }

  private static List<Class<? extends TFloating>> types() {
    return List.of(TFloat32.class, TBfloat16.class);
  }

  /** What an output counts in the loss: as much as no other, so that no gradient cancels. */
  private static double weight(int i) {
    return (float) Math.sin(1 + i);
  }

  /** Its value, and the gradients of its inputs. */
  private static GraphFunction traced(
      Build build, List<Sample> samples, Class<? extends TFloating> type) {
    try (Trace trace = new Trace(NAME)) {
      trace.takesGradients();
      Ops tf = trace.ops();
      List<Operand<TFloating>> inputs =
          samples.stream().map(sample -> sample.constant(tf, type)).toList();
      Operand<TFloat32> y = tf.dtypes.cast(build.of(tf, inputs), TFloat32.class);
      trace.result("y", y);
      float[] weights = new float[Math.toIntExact(y.shape().size())];
      for (int i = 0; i < weights.length; i++) weights[i] = (float) weight(i);
      Operand<TFloat32> weighted = tf.math.mul(y, tf.reshape(tf.constant(weights), tf.shape(y)));
      Operand<TFloat32> loss =
          tf.sum(tf.reshape(weighted, tf.constant(new int[] {-1})), tf.constant(0));
      List<Operand<?>> gradients =
          new ArrayList<>(tf.gradients(List.of(loss), new ArrayList<Operand<?>>(inputs)).dy());
      for (int i = 0; i < gradients.size(); i++) {
        trace.result(
            "d" + i, tf.dtypes.cast(gradients.get(i).asOutput().expect(type), TFloat32.class));
      }
      return trace.finish();
    }
  }

  /** Results in order: by kernels in sessions, by the ops on the eager path. */
  private static List<float[]> run(ExecutionPath path, GraphFunction function) {
    try (Executable executable = path.load(List.of(function));
        Results results = executable.run(NAME, Map.of())) {
      return function.results().stream()
          .map(result -> results.get(result.spec().name()).floats())
          .toList();
    }
  }
}
