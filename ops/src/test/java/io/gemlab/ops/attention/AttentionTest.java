package io.gemlab.ops.attention;

import static io.gemlab.ops.Precision.BFLOAT16;
import static io.gemlab.ops.Precision.FLOAT16;
import static io.gemlab.ops.Precision.FLOAT32;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.ops.Precision;
import io.gemlab.ops.choice.Support;
import io.gemlab.ops.oracle.Evaluation;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every attention against the oracle, value and gradients, and so against each other. */
class AttentionTest {
  private static final int[] LEFT_PADDED = {-1, -1, 0, 1, 2, 3, 4};
  private static final int[] RIGHT_PADDED = {0, 1, 2, 3, -1, -1, -1};
  private static final int[] ALL_PADDING = {-1, -1, -1, -1, -1, -1, -1};

  static Stream<AttentionCase> cases() {
    return Stream.iterate(0, seed -> seed + 1)
        .limit(30)
        .map(seed -> AttentionCase.random(seed, 11));
  }

  static Stream<AttentionCase> casesForNarrowTypes() {
    return Stream.iterate(100, seed -> seed + 1)
        .limit(12)
        .map(seed -> AttentionCase.random(seed, 9));
  }

  static Stream<AttentionCase> longCases() {
    return Stream.iterate(200, seed -> seed + 1)
        .limit(8)
        .map(seed -> AttentionCase.random(seed, 90));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheOracle(AttentionCase any) {
    any.check(able(any)).agrees(FLOAT32, 8, 24);
  }

  /**
   * Scores, probabilities and the result are rounded. A gradient is what is left of a difference of
   * two rounded numbers, which shows where nearly all attention goes to one key.
   */
  @ParameterizedTest
  @MethodSource("casesForNarrowTypes")
  void agreesWithTheOracleInNarrowTypes(AttentionCase any) {
    any.check(able(any)).agrees(BFLOAT16, 4, 8);
    any.check(able(any)).agrees(FLOAT16, 4, 8);
  }

  /** Lengths at which blocks are chosen, not given; eager stands for the oracle's gradients. */
  @ParameterizedTest
  @MethodSource("longCases")
  void blockwiseEqualsEager(AttentionCase any) {
    double[] cotangent = any.inputs().getFirst().values().clone();
    for (int i = 0; i < cotangent.length; i++) if (!any.counts().test(i)) cotangent[i] = 0;
    Evaluation eager = any.traced(new EagerAttention()).evaluate(FLOAT32, any.inputs(), cotangent);
    Evaluation blockwise =
        any.traced(BlockwiseAttention.auto()).evaluate(FLOAT32, any.inputs(), cotangent);
    blockwise.assertAgrees(eager, 1e-6, 4e-6, any.counts());
  }

  /** Also where something asks for the gradient of a value that means nothing. */
  @ParameterizedTest
  @EnumSource
  void rowsOfPaddingOnlyAreFinite(Precision precision) {
    int[][] positions = {ALL_PADDING, LEFT_PADDED, RIGHT_PADDED};
    for (Softcap cap : List.of(Softcap.none(), Softcap.of(50))) {
      AttentionCase padded = self(spec(cap, OptionalInt.of(3)), positions, 1);
      int size = padded.inputs().getFirst().values().length;
      double[] ones = new double[size];
      Arrays.fill(ones, 1);
      for (Attention attention : able(padded)) {
        Evaluation seen = padded.traced(attention).evaluate(precision, padded.inputs(), ones);
        assertTrue(allFinite(seen), attention + " with " + cap);
      }
    }
  }

  /** Scores of about 1e4 either way, where exp overflows in every type unless it is held down. */
  @ParameterizedTest
  @EnumSource
  void extremeScoresAreFinite(Precision precision) {
    for (Softcap cap : List.of(Softcap.none(), Softcap.of(50), Softcap.of(1e4))) {
      AttentionCase extreme =
          self(spec(cap, OptionalInt.empty()), new int[][] {LEFT_PADDED, RIGHT_PADDED}, 70);
      for (Attention attention : able(extreme)) {
        double[] ones = new double[extreme.inputs().getFirst().values().length];
        Arrays.fill(ones, 1);
        Evaluation seen = extreme.traced(attention).evaluate(precision, extreme.inputs(), ones);
        assertTrue(allFinite(seen), attention + " with " + cap);
      }
    }
  }

  @Test
  void extremeScoresAttendToTheLargest() {
    AttentionCase extreme =
        self(spec(Softcap.none(), OptionalInt.empty()), new int[][] {LEFT_PADDED}, 70);
    // A float32 score of 1e4 is known to 5e-4, and so is a weight.
    extreme.check(able(extreme)).agrees(FLOAT32, 1e-3 / 0x1p-24);
  }

  @Test
  void theCapIsReallyApplied() {
    int[][] positions = {{0, 1, 2, 3, 4, 5, 6}};
    for (Attention attention : List.of(new EagerAttention(), BlockwiseAttention.auto())) {
      double[] none =
          value(attention, self(spec(Softcap.none(), OptionalInt.empty()), positions, 2));
      double[] two = value(attention, self(spec(Softcap.of(2), OptionalInt.empty()), positions, 2));
      double[] far =
          value(attention, self(spec(Softcap.of(1e5), OptionalInt.empty()), positions, 2));
      assertTrue(difference(none, two) > 0.1, attention.label());
      assertTrue(difference(none, far) < 1e-5, attention.label());
    }
  }

  /** Queries at the end of a longer row of keys, some of whose slots are not yet written. */
  @Test
  void attendsToACache() {
    int[][] queries = {{4, 5}, {2, 3}};
    int[][] keys = {{0, 1, 2, 3, 4, 5, -1}, {-1, -1, 0, 1, 2, 3, -1}};
    for (OptionalInt window : List.of(OptionalInt.empty(), OptionalInt.of(3))) {
      AttentionCase cached =
          AttentionCase.of(spec(Softcap.none(), window), queries, keys, 1, new SplittableRandom(5));
      cached.check(List.of(new EagerAttention(), new SdpaAttention())).agrees(FLOAT32, 8, 24);
    }
  }

  private static AttentionSpec spec(Softcap cap, OptionalInt window) {
    return new AttentionSpec(4, 2, 2, 1, cap, window);
  }

  private static AttentionCase self(AttentionSpec spec, int[][] positions, double spread) {
    return AttentionCase.self(spec, positions, spread, new SplittableRandom(4));
  }

  /** The attentions that can compute it; blockwise in one block, and in many that don't fit. */
  private static List<Attention> able(AttentionCase any) {
    int small = 1 + any.queries()[0].length % 4;
    return Stream.of(
            new EagerAttention(),
            new SdpaAttention(),
            new BlockwiseAttention(OptionalInt.of(small)),
            BlockwiseAttention.auto())
        .map(Attention.class::cast)
        .filter(attention -> attention.supports(any.spec()) == Support.yes())
        .toList();
  }

  private static double[] value(Attention attention, AttentionCase any) {
    int size = any.inputs().getFirst().values().length;
    return any.traced(attention).evaluate(FLOAT32, any.inputs(), new double[size]).value();
  }

  private static double difference(double[] a, double[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
    return largest;
  }

  private static boolean allFinite(Evaluation evaluation) {
    return Stream.concat(Stream.of(evaluation.value()), evaluation.gradients().stream())
        .flatMapToDouble(Arrays::stream)
        .allMatch(Double::isFinite);
  }
}
