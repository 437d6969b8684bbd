package io.gemlab.graph.path.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Precision;
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

/** The kernel for one query a row against the oracle, and against the attention it stands for. */
class RowAttentionTest {
  @BeforeAll
  static void loadTensorFlow() {
    NativeRuntime.ensure();
  }

  private static final Attention EAGER = new EagerAttention();
  private static final String NAME = "attended";

  /** Each cap and window, heads that fill vectors and that don't, caches with unwritten slots. */
  static Stream<AttentionCase> cases() {
    return IntStream.range(0, 40).mapToObj(RowAttentionTest::random);
  }

  private static AttentionCase random(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] headDims = {1, 7, 16, 32, 40, 64, 96, 256};
    Softcap[] caps = {Softcap.none(), Softcap.of(2), Softcap.of(50)};
    int keys = random.nextInt(1, 70);
    int kvHeads = random.nextInt(1, 4);
    int headDim = headDims[seed % headDims.length];
    AttentionSpec spec =
        new AttentionSpec(
            kvHeads * random.nextInt(1, 4),
            kvHeads,
            headDim,
            1 / Math.sqrt(headDim),
            caps[random.nextInt(caps.length)],
            random.nextBoolean()
                ? OptionalInt.of(random.nextInt(1, keys + 2))
                : OptionalInt.empty());
    int[][] keyPositions = new int[random.nextInt(1, 4)][];
    int[][] queryPositions = new int[keyPositions.length][1];
    for (int b = 0; b < keyPositions.length; b++) {
      keyPositions[b] = AttentionCase.positions(random, keys);
      queryPositions[b][0] = Arrays.stream(keyPositions[b]).max().orElseThrow();
    }
    AttentionCase any = AttentionCase.of(spec, queryPositions, keyPositions, 1.5, random);
    List<Sample> rounded =
        any.inputs().stream().map(sample -> sample.in(Precision.BFLOAT16)).toList();
    return new AttentionCase(spec, queryPositions, keyPositions, rounded);
  }

  /** Scores and probabilities are rounded to 8 bits, as eager's are, and so is the result. */
  @ParameterizedTest
  @MethodSource("cases")
  void isAsNearToTheOracleAsEager(AttentionCase any) {
    AttentionOracle oracle = new AttentionOracle(any.spec(), any.queries(), any.keys());
    double[] want = oracle.value(values(any, 0), values(any, 1), values(any, 2));
    float[] got = run(new GraphPath(), EAGER, any, any.inputs());
    float[] eager = run(new EagerPath(), EAGER, any, any.inputs());
    double largest = Arrays.stream(values(any, 2)).map(Math::abs).max().orElseThrow();
    double off = 0;
    double eagerOff = 0;
    for (int i = 0; i < want.length; i++) {
      if (!any.counts().test(i)) {
        assertEquals(0, got[i]);
        continue;
      }
      assertEquals(want[i], got[i], 4.0 / 256 * largest, "[" + i + "]");
      off += Math.abs(got[i] - want[i]) / want.length;
      eagerOff += Math.abs(eager[i] - want[i]) / want.length;
    }
    assertTrue(off <= 1.1 * eagerOff + largest / 4096, off + " and eager " + eagerOff);
  }

  private static double[] values(AttentionCase any, int input) {
    return any.inputs().get(input).values();
  }

  /** A cache holds anything where nothing was written. */
  @Test
  void keysThatNobodySeesAreNotRead() {
    AttentionCase any = random(11);
    AttentionOracle oracle = new AttentionOracle(any.spec(), any.queries(), any.keys());
    int kvHeads = any.spec().kvHeads();
    int headDim = any.spec().headDim();
    List<Sample> spoilt = new ArrayList<>(any.inputs());
    for (int input = 1; input < 3; input++) {
      double[] values = values(any, input).clone();
      for (int i = 0; i < values.length; i++) {
        int key = i / headDim / kvHeads;
        int b = key / any.keys()[0].length;
        if (!oracle.visible(any.queries()[b][0], any.keys()[b][key % any.keys()[0].length])) {
          values[i] = Double.NaN;
        }
      }
      spoilt.set(input, new Sample(values, any.inputs().get(input).shape()));
    }
    assertTrue(Double.isNaN(Arrays.stream(spoilt.get(1).values()).sum()));
    assertArrayEquals(
        run(new GraphPath(), EAGER, any, any.inputs()), run(new GraphPath(), EAGER, any, spoilt));
  }

  @Test
  void notANumberIsHandedOn() {
    AttentionCase any = random(3);
    List<Sample> spoilt = new ArrayList<>(any.inputs());
    spoilt.set(0, any.inputs().get(0).map(value -> Double.NaN));
    float[] got = run(new GraphPath(), EAGER, any, spoilt);
    for (int i = 0; i < got.length; i++) {
      if (any.counts().test(i)) assertTrue(Float.isNaN(got[i]));
    }
  }

  @Test
  void severalQueriesAndOtherTypesHaveNoPlaceForIt() {
    AttentionCase one = random(5);
    AttentionCase several = AttentionCase.random(5, 9);
    assertEquals(1, traced(EAGER, one, one.inputs(), TBfloat16.class).kernelPlaces().size());
    assertEquals(0, traced(EAGER, one, one.inputs(), TFloat32.class).kernelPlaces().size());
    assertEquals(
        0, traced(EAGER, several, several.inputs(), TBfloat16.class).kernelPlaces().size());
  }

  /** It has no cap, and the kernel that takes its place has none either. */
  @Test
  void sdpaHasAPlaceForIt() {
    AttentionCase uncapped =
        IntStream.range(0, 40)
            .mapToObj(RowAttentionTest::random)
            .filter(any -> any.spec().softcap().cap().isEmpty())
            .findFirst()
            .orElseThrow();
    float[] kernel = run(new GraphPath(), new SdpaAttention(), uncapped, uncapped.inputs());
    float[] sdpa = run(new EagerPath(), new SdpaAttention(), uncapped, uncapped.inputs());
    for (int i = 0; i < sdpa.length; i++) {
      if (uncapped.counts().test(i)) assertEquals(sdpa[i], kernel[i], 0.05, "[" + i + "]");
    }
  }

  /** What doesn't fit ends in an exception, and the process lives. */
  @Test
  void shapesThatDontFitAreRefused() {
    String reason =
        RefusedInputs.reason(
            RowAttentionOp.type(),
            tf ->
                List.of(
                    zeros(tf, 1, 1, 4, 8),
                    zeros(tf, 1, 3, 5, 8),
                    zeros(tf, 1, 3, 5, 8),
                    tf.constant(new int[][] {{4}}),
                    tf.constant(new int[][] {{0, 1, 2, 3, 4}}),
                    tf.constant(
                        new float[] {1, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY})));
    assertTrue(reason.contains("q is [1, 1, 4, 8]"), reason);
  }

  private static List<Operand<TFloating>> narrow(
      Ops tf, List<Sample> samples, Class<? extends TFloating> type) {
    return samples.stream().map(sample -> sample.constant(tf, type)).toList();
  }

  private static Operand<TBfloat16> zeros(Ops tf, long... shape) {
    return tf.dtypes.cast(tf.zeros(tf.constant(shape), TFloat32.class), TBfloat16.class);
  }

  private static GraphFunction traced(
      Attention attention,
      AttentionCase any,
      List<Sample> inputs,
      Class<? extends TFloating> type) {
    try (Trace trace = new Trace(NAME)) {
      Ops tf = trace.ops();
      Operand<? extends TFloating> attended =
          any.traced(attention).build(tf, narrow(tf, inputs, type));
      trace.result(NAME, tf.dtypes.cast(attended, TFloat32.class));
      return trace.finish();
    }
  }

  /** The kernel's values on the graph path, the attention's own on the eager one. */
  private static float[] run(
      ExecutionPath path, Attention attention, AttentionCase any, List<Sample> inputs) {
    GraphFunction function = traced(attention, any, inputs, TBfloat16.class);
    try (Executable executable = path.load(List.of(function));
        Results results = executable.run(NAME, Map.of())) {
      int used = path instanceof GraphPath ? 1 : 0;
      assertEquals(used, executable.report(NAME).kernels().used());
      return results.get(NAME).floats();
    }
  }
}
