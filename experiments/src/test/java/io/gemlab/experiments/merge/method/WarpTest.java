package io.gemlab.experiments.merge.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.tensor.TensorShape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The paper's formulas over whole vectors, in float64, and what follows from them. */
class WarpTest {
  /** Longer than a piece, so that inner products are of all pieces. */
  private static final int N = TensorInputs.PIECE + 1000;

  private static final double TOLERANCE = 1e-6;
  private static final Arithmetic ARITHMETIC =
      new Arithmetic(
          Rounding.NONE,
          DropRescale.NORM,
          (tensor, _) -> {
            throw new IllegalStateException(tensor + " is to be drawn");
          });

  private final Random random = new Random(5);
  private final float[] init = random(N, 1);

  @Test
  void twoPoliciesAreTurnedByLambdaOfTheirAngle() {
    float[] one = near(init, 0.1);
    float[] two = near(init, 0.2);
    double[] weights = {0.7, 0.3};
    double[] delta1 = difference(one);
    double[] delta2 = difference(two);
    double angle = angle(delta1, delta2);
    for (double eta : new double[] {0, 0.3, 1, 1.7}) {
      float[] merged = merge(eta, weights, one, two);
      for (int i = 0; i < N; i++) {
        double turned =
            Math.sin(0.7 * angle) / Math.sin(angle) * delta1[i]
                + Math.sin(0.3 * angle) / Math.sin(angle) * delta2[i];
        assertEquals(init[i] + eta * turned, merged[i], TOLERANCE);
      }
    }
  }

  /** Equation 26, one after the other, the task vectors kept whole. */
  @Test
  void moreAreMergedOneAtATime() {
    float[][] policies = {near(init, 0.1), near(init, 0.2), near(init, 0.15), near(init, 0.1)};
    double[] merged = difference(policies[0]);
    for (int m = 2; m <= policies.length; m++) {
      double lambda = 1.0 / m;
      double[] next = difference(policies[m - 1]);
      double angle = angle(merged, next);
      for (int i = 0; i < N; i++) {
        merged[i] =
            Math.sin((1 - lambda) * angle) / Math.sin(angle) * merged[i]
                + Math.sin(lambda * angle) / Math.sin(angle) * next[i];
      }
    }
    float[] actual = merge(1, new double[] {1, 1, 1, 1}, policies);
    for (int i = 0; i < N; i++) assertEquals(init[i] + merged[i], actual[i], TOLERANCE);
  }

  @Test
  void orthogonalPoliciesKeepTheirLengthAndTheLastCountsLess() {
    float[] zero = new float[3];
    float[][] axes = {{2, 0, 0}, {0, 2, 0}, {0, 0, 2}};
    double side = 2 * Math.sqrt(0.5) * Math.sin(Math.toRadians(60));
    assertArrayEquals(
        new float[] {(float) side, (float) side, 1},
        merge(zero, 1, new double[] {1, 1, 1}, axes),
        1e-6f);
    assertEquals(2, length(merge(zero, 1, new double[] {1, 1, 1}, axes)), TOLERANCE);
    float[][] turned = {axes[2], axes[0], axes[1]};
    assertArrayEquals(
        new float[] {(float) side, 1, (float) side},
        merge(zero, 1, new double[] {1, 1, 1}, turned),
        1e-6f);
  }

  @Test
  void theOrderOfTwoDoesNotCount() {
    float[] one = near(init, 0.1);
    float[] two = near(init, 0.2);
    double[] alike = {1, 1};
    assertArrayEquals(merge(1, alike, one, two), merge(1, alike, two, one), 1e-7f);
  }

  @Test
  void atTheInitialisationEveryBitIsIts() {
    float[] merged = merge(0, new double[] {1, 1}, near(init, 0.1), near(init, 0.2));
    assertArrayEquals(init, merged);
  }

  @Test
  void onePolicyAndTheSameAgainGiveThatPolicy() {
    float[] policy = near(init, 0.1);
    assertArrayEquals(policy, merge(1, new double[] {3}, policy), 1e-6f);
    assertArrayEquals(policy, merge(1, new double[] {1, 1}, policy, policy), 1e-6f);
    assertArrayEquals(policy, merge(1, new double[] {1, 1, 1}, policy, policy, policy), 1e-6f);
  }

  @Test
  void whereThereIsNoAngleTheWayIsStraight() {
    float[] zero = new float[2];
    double[] alike = {1, 1};
    float[][] opposite = {{1, 0}, {-3, 0}};
    assertArrayEquals(new float[] {-1, 0}, merge(zero, 1, alike, opposite));
    float[][] unmoved = {{1, 4}, {0, 0}};
    assertArrayEquals(new float[] {0.5f, 2}, merge(zero, 1, alike, unmoved));
    float[][] none = {{0, 0}, {0, 0}};
    assertArrayEquals(zero, merge(zero, 1, alike, none));
  }

  /** Lemma 1, of vectors of any number. */
  @Test
  void vectorsOfOneLengthMergeToThatLength() {
    float[] zero = new float[N];
    float[][] policies = new float[5][];
    for (int m = 0; m < policies.length; m++) {
      float[] policy = random(N, 1);
      double length = length(policy);
      for (int i = 0; i < N; i++) policy[i] = (float) (policy[i] * 10 / length);
      policies[m] = policy;
    }
    float[] merged = merge(zero, 1, new double[] {1, 1, 1, 1, 1}, policies);
    assertEquals(10, length(merged), 1e-5);
  }

  @Test
  void inputsAreReadOnceForAllPointsAndOnceForEach() {
    int[] reads = {0};
    Float32Tensor zeros =
        (_, target) -> {
          reads[0]++;
          target.fill((byte) 0);
        };
    TensorInputs inputs =
        new TensorInputs(
            "t",
            TensorShape.of(TensorInputs.PIECE),
            List.of(zeros, zeros, zeros),
            OptionalInt.of(0),
            Rounding.NONE);
    for (double eta : new double[] {0.1, 0.5, 1}) {
      new Warp().prepare(inputs, values(eta, new double[] {1, 1}), ARITHMETIC);
    }
    assertEquals(3, reads[0]);
  }

  @Test
  void weightsThatAreNoSharesAreAProblem() {
    assertTrue(
        new Warp().problem(values(1, new double[] {1, 0})).orElseThrow().contains("a weight is 0"));
    assertTrue(new Warp().problem(values(1, new double[] {1, 2})).isEmpty());
  }

  private float[] merge(double eta, double[] weights, float[]... policies) {
    return merge(init, eta, weights, policies);
  }

  private static float[] merge(float[] init, double eta, double[] weights, float[]... policies) {
    List<Float32Tensor> tensors =
        new ArrayList<>(
            Stream.concat(Stream.of(init), Arrays.stream(policies))
                .map(values -> Float32Tensor.of(MemorySegment.ofArray(values)))
                .toList());
    TensorInputs inputs =
        new TensorInputs(
            "t", TensorShape.of(init.length), tensors, OptionalInt.of(0), Rounding.NONE);
    PieceMerge merge = new Warp().prepare(inputs, values(eta, weights), ARITHMETIC);
    float[] merged = new float[init.length];
    float[][] pieces = inputs.buffers();
    float[] piece = new float[TensorInputs.PIECE];
    for (int first = 0; first < merged.length; first += piece.length) {
      int count = Math.min(piece.length, merged.length - first);
      inputs.read(first, count, pieces);
      merge.merge(first, count, pieces, piece);
      System.arraycopy(piece, 0, merged, first, count);
    }
    return merged;
  }

  /** The base stands first. */
  private static ParameterValues values(double eta, double[] weights) {
    List<Double> all = new ArrayList<>(List.of(1.0));
    for (double weight : weights) all.add(weight);
    return new ParameterValues(Map.of("eta", eta), Map.of("weight", all));
  }

  private float[] random(int count, double size) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) values[i] = (float) (size * random.nextGaussian());
    return values;
  }

  private float[] near(float[] from, double size) {
    float[] values = random(from.length, size);
    for (int i = 0; i < values.length; i++) values[i] += from[i];
    return values;
  }

  private double[] difference(float[] policy) {
    double[] difference = new double[policy.length];
    for (int i = 0; i < policy.length; i++) difference[i] = (double) policy[i] - init[i];
    return difference;
  }

  private static double angle(double[] one, double[] two) {
    return Math.acos(dot(one, two) / Math.sqrt(dot(one, one) * dot(two, two)));
  }

  private static double dot(double[] one, double[] two) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) sum += one[i] * two[i];
    return sum;
  }

  private static double length(float[] vector) {
    double sum = 0;
    for (float value : vector) sum += (double) value * value;
    return Math.sqrt(sum);
  }
}
