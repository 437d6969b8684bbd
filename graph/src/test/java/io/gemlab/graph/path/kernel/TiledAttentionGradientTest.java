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
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.AttentionCase;
import io.gemlab.ops.attention.AttentionOracle;
import io.gemlab.ops.attention.AttentionSpec;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.attention.SdpaAttention;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.oracle.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** The kernels of an attention that is trained against the oracle and the ops they stand for. */
class TiledAttentionGradientTest {
  private static final String ATTENDED = "attended";
  private static final List<String> GRADIENTS = List.of("dq", "dk", "dv");

  @BeforeAll
  static void loadTensorFlow() {
    NativeRuntime.ensure();
  }

  /** One tile of queries and several, with padding anywhere, each cap and window. */
  static Stream<AttentionCase> cases() {
    return IntStream.range(0, 24).mapToObj(seed -> random(seed, 1.5));
  }

  private static AttentionCase random(int seed, double spread) {
    SplittableRandom random = new SplittableRandom(seed);
    Softcap[] caps = {Softcap.none(), Softcap.of(2), Softcap.of(50)};
    int keys = 256 + random.nextInt(40);
    int queries = random.nextInt(2, 200);
    int kvHeads = random.nextInt(1, 3);
    AttentionSpec spec =
        new AttentionSpec(
            kvHeads * random.nextInt(1, 3),
            kvHeads,
            8,
            1 / Math.sqrt(8),
            caps[seed % caps.length],
            random.nextBoolean() ? OptionalInt.of(random.nextInt(1, keys)) : OptionalInt.empty());
    int[][] keyPositions = new int[random.nextInt(1, 3)][];
    int[][] queryPositions = new int[keyPositions.length][];
    for (int b = 0; b < keyPositions.length; b++) {
      keyPositions[b] = AttentionCase.positions(random, keys);
      int from = random.nextInt(keys - queries);
      queryPositions[b] = Arrays.copyOfRange(keyPositions[b], from, from + queries);
    }
    return AttentionCase.of(spec, queryPositions, keyPositions, spread, random);
  }

  private static List<Attention> attentions(AttentionCase any) {
    return any.spec().softcap().cap().isPresent()
        ? List.of(new EagerAttention())
        : List.of(new EagerAttention(), new SdpaAttention());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valuesAreTheOracles(AttentionCase any) {
    AttentionOracle oracle = new AttentionOracle(any.spec(), any.queries(), any.keys());
    double[] want = oracle.value(values(any, 0), values(any, 1), values(any, 2));
    for (Attention attention : attentions(any)) {
      float[] got = run(new GraphPath(), attention, any, TFloat32.class).getFirst();
      for (int i = 0; i < want.length; i++) {
        if (any.counts().test(i)) assertEquals(want[i], got[i], 2e-5, "[" + i + "]");
      }
    }
  }

  private static double[] values(AttentionCase any, int input) {
    return any.inputs().get(input).values();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valuesAndGradientsAreThoseOfTheOps(AttentionCase any) {
    for (Attention attention : attentions(any)) near(any, attention, TFloat32.class, 2e-6);
  }

  /**
   * Products of two libraries round a large score to neighbours, whose exponentials differ much.
   */
  static Stream<AttentionCase> casesOfSmallScores() {
    return IntStream.range(0, 24).mapToObj(seed -> random(seed, 0.5));
  }

  @ParameterizedTest
  @MethodSource("casesOfSmallScores")
  void soTheyAreInBfloat16(AttentionCase any) {
    for (Attention attention : attentions(any)) near(any, attention, TBfloat16.class, 4.0 / 256);
  }

  private static void near(
      AttentionCase any, Attention attention, Class<? extends TFloating> type, double tolerance) {
    List<float[]> ops = run(new EagerPath(), attention, any, type);
    List<float[]> kernels = run(new ClusteredPath(), attention, any, type);
    for (int n = 0; n < ops.size(); n++) {
      double largest = 1e-6;
      for (float x : ops.get(n)) largest = Math.max(largest, Math.abs(x));
      for (int i = 0; i < ops.get(n).length; i++) {
        if (n == 0 && !any.counts().test(i)) { // of no meaning, but a number
          assertTrue(Float.isFinite(kernels.get(n)[i]), "[" + i + "]");
          continue;
        }
        assertEquals(
            ops.get(n)[i], kernels.get(n)[i], tolerance * largest, n + " [" + i + "] " + any);
      }
    }
  }

  @Test
  void aRunIsBitEqualToTheNext() {
    AttentionCase any = random(5, 1.5);
    List<float[]> once = run(new GraphPath(), new EagerAttention(), any, TFloat32.class);
    List<float[]> again = run(new GraphPath(), new EagerAttention(), any, TFloat32.class);
    for (int n = 0; n < once.size(); n++) assertArrayEquals(once.get(n), again.get(n));
  }

  @Test
  void notANumberIsHandedOn() {
    AttentionCase any = random(3, 1.5);
    List<Sample> spoilt = new ArrayList<>(any.inputs());
    spoilt.set(0, any.inputs().getFirst().map(value -> Double.NaN));
    AttentionCase broken = new AttentionCase(any.spec(), any.queries(), any.keys(), spoilt);
    float[] got = run(new GraphPath(), new EagerAttention(), broken, TFloat32.class).getFirst();
    for (int i = 0; i < got.length; i++) {
      if (any.counts().test(i)) assertTrue(Float.isNaN(got[i]));
    }
  }

  /** Rows of nothing but padding: their keys and values have no gradient. */
  @Test
  void queriesThatSeeNothingGiveNoGradient() {
    AttentionCase some = random(7, 1.5);
    int[][] nothing = new int[some.queries().length][some.queries()[0].length];
    for (int[] row : nothing) Arrays.fill(row, -1);
    AttentionCase blind = new AttentionCase(some.spec(), nothing, some.keys(), some.inputs());
    List<float[]> all = run(new GraphPath(), new EagerAttention(), blind, TFloat32.class);
    for (float[] zeros : all) assertArrayEquals(new float[zeros.length], zeros);
  }

  @Test
  void shortRowsHaveNoPlace() {
    AttentionCase any = AttentionCase.random(5, 200);
    assertEquals(0, traced(new EagerAttention(), any, TFloat32.class).kernelPlaces().size());
  }

  /** What doesn't fit ends in an exception, and the process lives. */
  @Test
  void shapesThatDontFitAreRefused() {
    String reason =
        RefusedInputs.reason(
            TiledAttentionGradientOp.type(),
            tf -> {
              Operand<TFloat32> x = tf.zeros(tf.constant(new int[] {1, 2, 2, 8}), TFloat32.class);
              return List.of(
                  x,
                  x,
                  x,
                  tf.constant(new int[][] {{0, 1}}),
                  tf.constant(new int[][] {{0, 1}}),
                  tf.constant(new float[] {1, 1, 1}),
                  tf.zeros(tf.constant(new int[] {1, 2, 2, 4}), TFloat32.class));
            });
    assertTrue(reason.contains("what it attends to [1, 2, 2, 4]"), reason);
  }

  private static GraphFunction traced(
      Attention attention, AttentionCase any, Class<? extends TFloating> type) {
    try (Trace trace = new Trace(ATTENDED)) {
      trace.takesGradients();
      Ops tf = trace.ops();
      List<Operand<TFloating>> inputs =
          any.inputs().stream().map(sample -> sample.constant(tf, type)).toList();
      Operand<? extends TFloating> attended = any.traced(attention).build(tf, inputs);
      Operand<TFloat32> wide = tf.dtypes.cast(attended, TFloat32.class);
      trace.result(ATTENDED, wide);
      // Another weight for each output, so that no gradient cancels.
      float[] weights = new float[Math.toIntExact(wide.shape().size())];
      int perToken = any.spec().heads() * any.spec().headDim();
      for (int i = 0; i < weights.length; i++) {
        boolean counts = any.counts().test(i);
        weights[i] = counts ? (float) Math.sin(1 + i % perToken * 7 + i) : 0;
      }
      Operand<TFloat32> loss =
          tf.sum(
              tf.math.mul(wide, tf.reshape(tf.constant(weights), tf.shape(wide))),
              tf.constant(new int[] {0, 1, 2, 3}));
      List<Operand<?>> gradients =
          new ArrayList<>(tf.gradients(List.of(loss), new ArrayList<Operand<?>>(inputs)).dy());
      for (int i = 0; i < GRADIENTS.size(); i++) {
        trace.result(
            GRADIENTS.get(i),
            tf.dtypes.cast(gradients.get(i).asOutput().expect(type), TFloat32.class));
      }
      return trace.finish();
    }
  }

  /** What is attended and its gradients: by kernels in sessions, by the ops on the eager path. */
  private static List<float[]> run(
      ExecutionPath path, Attention attention, AttentionCase any, Class<? extends TFloating> type) {
    GraphFunction function = traced(attention, any, type);
    try (Executable executable = path.load(List.of(function));
        Results results = executable.run(ATTENDED, Map.of())) {
      assertEquals(path instanceof EagerPath ? 0 : 2, executable.report(ATTENDED).kernels().used());
      List<float[]> all = new ArrayList<>(List.of(results.get(ATTENDED).floats()));
      for (String gradient : GRADIENTS) all.add(results.get(gradient).floats());
      return all;
    }
  }
}
