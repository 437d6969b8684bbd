package io.gemlab.graph.path.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Kernel;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.AttentionCase;
import io.gemlab.ops.attention.AttentionMask;
import io.gemlab.ops.attention.AttentionOracle;
import io.gemlab.ops.attention.AttentionSpec;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.attention.SdpaAttention;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.choice.Support;
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
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** The kernel for many queries against the oracle, and against the attention it stands for. */
class TiledAttentionTest {
  private static final String NAME = "attended";
  private static final Attention EAGER = new EagerAttention();
  private static final int RING = 256;

  @BeforeAll
  static void loadTensorFlow() {
    NativeRuntime.ensure();
  }

  /** One tile and several, with padding anywhere, and rings of a cache. */
  static Stream<AttentionCase> cases() {
    return Stream.concat(
        IntStream.range(0, 24).mapToObj(seed -> random(seed, 1.5)),
        Stream.of(ring(0, 90, 1.5), ring(100, 90, 1.5), ring(700, 300, 1.5), ring(768, 1, 1.5)));
  }

  private static AttentionSpec spec(SplittableRandom random, OptionalInt window) {
    Softcap[] caps = {Softcap.none(), Softcap.of(2), Softcap.of(50)};
    int kvHeads = random.nextInt(1, 3);
    return new AttentionSpec(
        kvHeads * random.nextInt(1, 3),
        kvHeads,
        8,
        1 / Math.sqrt(8),
        caps[random.nextInt(caps.length)],
        window);
  }

  private static AttentionCase random(int seed, double spread) {
    SplittableRandom random = new SplittableRandom(seed);
    int keys = 256 + random.nextInt(200);
    int queries = random.nextInt(1, 200);
    OptionalInt window =
        random.nextBoolean() ? OptionalInt.of(random.nextInt(1, keys)) : OptionalInt.empty();
    int[][] keyPositions = new int[random.nextInt(1, 3)][];
    int[][] queryPositions = new int[keyPositions.length][];
    for (int b = 0; b < keyPositions.length; b++) {
      keyPositions[b] = AttentionCase.positions(random, keys);
      int from = random.nextInt(keys - queries);
      queryPositions[b] = Arrays.copyOfRange(keyPositions[b], from, from + queries);
    }
    return AttentionCase.of(spec(random, window), queryPositions, keyPositions, spread, random);
  }

  /** A ring that positions below {@code start} went through, and new tokens beside it. */
  private static AttentionCase ring(int start, int queries, double spread) {
    SplittableRandom random = new SplittableRandom(start);
    int[] places = IntStream.range(start, start + queries).toArray();
    IntStream held =
        IntStream.range(0, RING).map(slot -> start - 1 - Math.floorMod(start - 1 - slot, RING));
    int[] keys = IntStream.concat(held, Arrays.stream(places)).toArray();
    return AttentionCase.of(
        spec(random, OptionalInt.of(RING)),
        new int[][] {places},
        new int[][] {keys},
        spread,
        random);
  }

  private static double[] oracle(AttentionCase any) {
    return new AttentionOracle(any.spec(), any.queries(), any.keys())
        .value(values(any, 0), values(any, 1), values(any, 2));
  }

  private static double[] values(AttentionCase any, int input) {
    return any.inputs().get(input).values();
  }

  private static List<Attention> attentions(AttentionCase any) {
    return any.spec().softcap().cap().isPresent()
        ? List.of(EAGER)
        : List.of(EAGER, new SdpaAttention());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valuesAreTheOracles(AttentionCase any) {
    double[] want = oracle(any);
    for (Attention attention : attentions(any)) {
      float[] got = run(new ClusteredPath(), attention, any, TFloat32.class);
      for (int i = 0; i < want.length; i++) {
        if (any.counts().test(i)) assertEquals(want[i], got[i], 2e-5, "[" + i + "]");
        else assertTrue(Float.isFinite(got[i]), "[" + i + "]");
      }
    }
  }

  /**
   * Products of two libraries round a large score to neighbours, whose exponentials differ much.
   */
  static Stream<AttentionCase> casesOfSmallScores() {
    return Stream.concat(
        IntStream.range(0, 12).mapToObj(seed -> random(seed, 0.5)), Stream.of(ring(700, 300, 0.5)));
  }

  @ParameterizedTest
  @MethodSource("casesOfSmallScores")
  void soTheyAreInBfloat16(AttentionCase any) {
    // One query a row has a kernel of its own.
    if (any.queries()[0].length == 1) return;
    for (Attention attention : attentions(any)) {
      float[] ops = run(new EagerPath(), attention, any, TBfloat16.class);
      float[] kernel = run(new GraphPath(), attention, any, TBfloat16.class);
      double largest = Arrays.stream(values(any, 2)).map(Math::abs).max().orElseThrow();
      for (int i = 0; i < ops.length; i++) {
        if (!any.counts().test(i)) continue;
        assertEquals(ops[i], kernel[i], 4.0 / 256 * largest, "[" + i + "]");
      }
    }
  }

  /** A row that only fills the batch is 0, and nothing to its neighbour. */
  @Test
  void aRowWithoutTokensIsZero() {
    AttentionCase alone = ring(700, 300, 1.5);
    int[] padding = new int[300];
    Arrays.fill(padding, -1);
    int[] nothing = new int[alone.keys()[0].length];
    Arrays.fill(nothing, -1);
    AttentionCase both =
        new AttentionCase(
            alone.spec(),
            new int[][] {padding, alone.queries()[0]},
            new int[][] {nothing, alone.keys()[0]},
            alone.inputs().stream().map(TiledAttentionTest::twice).toList());
    float[] want = run(new GraphPath(), EAGER, alone, TFloat32.class);
    float[] got = run(new GraphPath(), EAGER, both, TFloat32.class);
    assertArrayEquals(new float[want.length], Arrays.copyOf(got, want.length));
    assertArrayEquals(want, Arrays.copyOfRange(got, want.length, got.length));
  }

  private static Sample twice(Sample one) {
    double[] values = Arrays.copyOf(one.values(), 2 * one.values().length);
    System.arraycopy(one.values(), 0, values, one.values().length, one.values().length);
    long[] shape = one.shape().clone();
    shape[0] = 2;
    return new Sample(values, shape);
  }

  /** Slots of a cache behind the last query, beyond what fills up a tile. */
  @Test
  void slotsThatHoldNothingAreNotRead() {
    SplittableRandom random = new SplittableRandom(1);
    int filled = 128;
    int[] places = IntStream.range(0, filled).toArray();
    int[] keys = Arrays.copyOf(places, 1024);
    Arrays.fill(keys, filled, keys.length, -1);
    AttentionCase any =
        AttentionCase.of(
            spec(random, OptionalInt.empty()),
            new int[][] {places},
            new int[][] {keys},
            1.5,
            random);
    List<Sample> spoilt = new ArrayList<>(any.inputs());
    for (int input = 1; input < 3; input++) {
      double[] values = values(any, input).clone();
      int perKey = values.length / keys.length;
      Arrays.fill(values, filled * perKey, values.length, Double.NaN);
      spoilt.set(input, new Sample(values, any.inputs().get(input).shape()));
    }
    AttentionCase broken = new AttentionCase(any.spec(), any.queries(), any.keys(), spoilt);
    assertArrayEquals(
        run(new GraphPath(), EAGER, any, TFloat32.class),
        run(new GraphPath(), EAGER, broken, TFloat32.class));
  }

  @Test
  void aRunIsBitEqualToTheNext() {
    AttentionCase any = ring(700, 300, 1.5);
    assertArrayEquals(
        run(new GraphPath(), EAGER, any, TFloat32.class),
        run(new GraphPath(), EAGER, any, TFloat32.class));
  }

  @Test
  void notANumberIsHandedOn() {
    AttentionCase any = ring(700, 300, 1.5);
    List<Sample> spoilt = new ArrayList<>(any.inputs());
    spoilt.set(0, any.inputs().getFirst().map(value -> Double.NaN));
    AttentionCase broken = new AttentionCase(any.spec(), any.queries(), any.keys(), spoilt);
    for (float x : run(new GraphPath(), EAGER, broken, TFloat32.class)) {
      assertTrue(Float.isNaN(x));
    }
  }

  @Test
  void withoutOneDnnTheOpsStand() {
    GraphFunction function = traced(EAGER, ring(700, 300, 1.5), TFloat32.class);
    KernelUse use =
        Kernels.putInto(
                function,
                kernel ->
                    kernel == Kernel.TILED_ATTENTION
                        ? Support.no("there is no library", "install it")
                        : Support.yes(),
                Packing.INTEGERS)
            .use();
    assertEquals("none of 1 places: there is no library; install it", use.described());
  }

  @Test
  void fewKeysAndRowsOfBranchesHaveNoPlace() {
    AttentionCase few = AttentionCase.random(5, 200);
    assertEquals(List.of(), traced(EAGER, few, TFloat32.class).kernelPlaces());
    try (Trace trace = new Trace(NAME)) {
      Ops tf = trace.ops();
      Operand<TInt32> positions = tf.zeros(tf.constant(new int[] {1, 300}), TInt32.class);
      Operand<TFloat32> x = tf.zeros(tf.constant(new int[] {1, 300, 1, 8}), TFloat32.class);
      AttentionSpec spec = new AttentionSpec(1, 1, 8, 1, Softcap.none(), OptionalInt.empty());
      AttentionMask branches = AttentionMask.ofBranches(positions, positions);
      trace.result(NAME, EAGER.attend(tf, spec, branches, x, x, x));
      assertEquals(List.of(), trace.finish().kernelPlaces());
    }
  }

  /** What doesn't fit ends in an exception, and the process lives. */
  @Test
  void shapesThatDontFitAreRefused() {
    String reason =
        RefusedInputs.reason(
            TiledAttentionOp.type(),
            tf -> {
              Operand<TFloat32> k = tf.zeros(tf.constant(new int[] {1, 3, 5, 8}), TFloat32.class);
              return List.of(
                  tf.zeros(tf.constant(new int[] {1, 2, 4, 8}), TFloat32.class),
                  k,
                  k,
                  tf.constant(new int[][] {{3, 4}}),
                  tf.constant(new int[][] {{0, 1, 2, 3, 4}}),
                  tf.constant(new float[] {1, 1, 1}));
            });
    assertTrue(reason.contains("q is [1, 2, 4, 8]"), reason);
  }

  private static GraphFunction traced(
      Attention attention, AttentionCase any, Class<? extends TFloating> type) {
    try (Trace trace = new Trace(NAME)) {
      Ops tf = trace.ops();
      List<Operand<TFloating>> inputs =
          any.inputs().stream().map(sample -> sample.constant(tf, type)).toList();
      Operand<? extends TFloating> attended = any.traced(attention).build(tf, inputs);
      trace.result(NAME, tf.dtypes.cast(attended, TFloat32.class));
      return trace.finish();
    }
  }

  /** The kernel's values on session paths, the attention's own on the eager one. */
  private static float[] run(
      ExecutionPath path, Attention attention, AttentionCase any, Class<? extends TFloating> type) {
    try (Executable executable = path.load(List.of(traced(attention, any, type)));
        Results results = executable.run(NAME, Map.of())) {
      KernelUse use = executable.report(NAME).kernels();
      assertEquals(path instanceof EagerPath ? 0 : 1, use.used());
      return results.get(NAME).floats();
    }
  }
}
