package io.gemlab.ops.loss;

import static io.gemlab.ops.Precision.BFLOAT16;
import static io.gemlab.ops.Precision.FLOAT32;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.oracle.Evaluation;
import io.gemlab.ops.oracle.LossOracle;
import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.Sample;
import io.gemlab.ops.oracle.TracedOp;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class TopKDivergenceTest {
  private static final int ROWS = 5;
  private static final int VOCABULARY = 11;
  private static final double[] ONES = {1, 1, 1, 1, 1};

  private final SplittableRandom random = new SplittableRandom(1);
  private final Sample student = Sample.gaussian(random, 3, ROWS, VOCABULARY);
  private final Sample teacher = Sample.gaussian(random, 3, ROWS, VOCABULARY);

  /** A teacher's likeliest tokens in float64. */
  private record Known(int[][] ids, double[][] p, double[] rest) {
    static Known of(Sample logits, int k, double temperature) {
      int[][] ids = new int[ROWS][];
      double[][] p = new double[ROWS][];
      double[] rest = new double[ROWS];
      for (int m = 0; m < ROWS; m++) {
        double[] row =
            LossOracle.softmax(
                Arrays.copyOfRange(logits.values(), m * VOCABULARY, (m + 1) * VOCABULARY),
                temperature);
        ids[m] =
            IntStream.range(0, VOCABULARY)
                .boxed()
                .sorted((a, b) -> Double.compare(row[b], row[a]))
                .mapToInt(id -> id)
                .limit(k)
                .toArray();
        p[m] = Arrays.stream(ids[m]).mapToDouble(id -> row[id]).toArray();
        rest[m] = k == VOCABULARY ? 0 : 1 - Arrays.stream(p[m]).sum();
      }
      return new Known(ids, p, rest);
    }

    TopKProbabilities constants(Ops tf) {
      double[] logP = Arrays.stream(p).flatMapToDouble(Arrays::stream).map(Math::log).toArray();
      return new TopKProbabilities(
          tf.constant(ids),
          constant(tf, new Sample(logP, ROWS, ids[0].length)),
          constant(tf, new Sample(rest, ROWS)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 0",
    "4, 1, 0",
    "11, 1, 0",
    "4, 0.7, 0",
    "4, 2, 0",
    "4, 1, 30",
    "3, 2, 4",
    "11, 2, 30"
  })
  void agreesWithTheOracle(int k, double temperature, double cap) {
    Softcap softcap = cap == 0 ? Softcap.none() : Softcap.of(cap);
    Known known = Known.of(teacher, k, temperature);
    OpCheck check =
        new OpCheck(
            (tf, in) ->
                new TopKDivergence(new Temperature(temperature))
                    .apply(tf, in.getFirst(), softcap, known.constants(tf)),
            in ->
                LossOracle.topK(
                    in.getFirst(),
                    known.ids(),
                    known.p(),
                    known.rest(),
                    temperature,
                    softcap.cap()),
            List.of(student));
    check.agrees(FLOAT32, 24, 256);
    // Float32 inside: the loss is as good as before, the gradient is rounded once.
    check.agrees(BFLOAT16, 1e-3, 1);
  }

  /** With logits far above the cap, forgetting it would change both grossly. */
  @Test
  void theCapIsInsideTheLossAndItsGradient() {
    Sample large = student.map(logit -> 20 * logit);
    Known known = Known.of(teacher, 4, 1);
    Evaluation capped = evaluate(large, known, Softcap.of(30));
    Evaluation uncapped = evaluate(large, known, Softcap.none());
    assertTrue(Math.abs(capped.value()[0] - uncapped.value()[0]) > 1);
    new OpCheck(
            (tf, in) ->
                new TopKDivergence(Temperature.ONE)
                    .apply(tf, in.getFirst(), Softcap.of(30), known.constants(tf)),
            in ->
                LossOracle.topK(
                    in.getFirst(), known.ids(), known.p(), known.rest(), 1, Softcap.of(30).cap()),
            List.of(large))
        .agrees(FLOAT32, 24, 1024);
  }

  /** Whatever is known of the teacher: agreement is agreement. */
  @ParameterizedTest
  @CsvSource({"1, 1", "4, 1", "4, 2", "11, 1"})
  void isZeroOfATeacherFromItself(int k, double temperature) {
    TracedOp op =
        (tf, in) ->
            new TopKDivergence(new Temperature(temperature))
                .apply(
                    tf,
                    in.getFirst(),
                    Softcap.of(30),
                    TopKProbabilities.of(
                        tf,
                        constant(tf, teacher),
                        Softcap.of(30),
                        new Temperature(temperature),
                        k));
    Evaluation same = op.evaluate(FLOAT32, List.of(teacher), ONES);
    assertArrayEquals(new double[ROWS], same.value(), 1e-6);
    assertArrayEquals(new double[ROWS * VOCABULARY], same.gradients().getFirst(), 1e-6);
  }

  /** Of all tokens it is KL; of fewer it is less, by what the rest would add. */
  @Test
  void knowsLessOfTheDivergenceTheFewerTokensAreKept() {
    double[] whole = LossOracle.jsd(student.values(), teacher.values(), ROWS, 0, 1);
    double[] before = new double[ROWS];
    for (int k : new int[] {1, 2, 4, 8, VOCABULARY}) {
      double[] some = evaluate(student, Known.of(teacher, k, 1), Softcap.none()).value();
      for (int m = 0; m < ROWS; m++) {
        assertTrue(some[m] >= before[m] - 1e-6, "k " + k);
        assertTrue(some[m] <= whole[m] + 1e-5, "k " + k);
      }
      before = some;
    }
    assertArrayEquals(whole, before, 1e-5);
  }

  /**
   * What is missing is r times the divergence between the models' shares of the tokens left out.
   */
  @ParameterizedTest
  @CsvSource({"1", "4", "8"})
  void isLessThanTheWholeByTheDivergenceOfTheRests(int k) {
    Known known = Known.of(teacher, k, 1);
    double[] whole = LossOracle.jsd(student.values(), teacher.values(), ROWS, 0, 1);
    double[] some = evaluate(student, known, Softcap.none()).value();
    for (int m = 0; m < ROWS; m++) {
      double[] p = rest(teacher, known.ids()[m], m);
      double[] q = rest(student, known.ids()[m], m);
      assertEquals(whole[m] - some[m], known.rest()[m] * LossOracle.kl(p, q), 1e-5);
    }
  }

  /** A distribution without some tokens, scaled to sum to 1. */
  private static double[] rest(Sample logits, int[] without, int row) {
    double[] p =
        LossOracle.softmax(
            Arrays.copyOfRange(logits.values(), row * VOCABULARY, (row + 1) * VOCABULARY), 1);
    for (int id : without) p[id] = 0;
    double sum = Arrays.stream(p).sum();
    return Arrays.stream(p).map(each -> each / sum).toArray();
  }

  /** A sum of its own: 1 less the others would be 0 here. */
  @Test
  void theRestIsExactWhereItIsTiny() {
    double[] logits = new double[ROWS * VOCABULARY];
    for (int m = 0; m < ROWS; m++) logits[m * VOCABULARY + m] = 40;
    Sample sample = new Sample(logits, ROWS, VOCABULARY);
    TracedOp op =
        (tf, in) -> {
          Operand<TFloat32> rest_M =
              TopKProbabilities.of(tf, constant(tf, sample), Softcap.none(), Temperature.ONE, 1)
                  .rest_M();
          // A teacher has no gradient, and the check asks for one.
          Operand<TFloat32> zero =
              tf.math.mul(Scalars.toFloat32(tf, in.getFirst()), tf.constant(0f));
          return tf.math.add(rest_M, tf.sum(zero, tf.constant(1)));
        };
    double[] rest = op.evaluate(FLOAT32, List.of(sample), ONES).value();
    double want = 10 * Math.exp(-40);
    for (double each : rest) assertEquals(want, each, 1e-5 * want);
  }

  private static Evaluation evaluate(Sample logits, Known known, Softcap cap) {
    TracedOp op =
        (tf, in) ->
            new TopKDivergence(Temperature.ONE).apply(tf, in.getFirst(), cap, known.constants(tf));
    return op.evaluate(FLOAT32, List.of(logits), ONES);
  }

  private static Operand<TFloat32> constant(Ops tf, Sample sample) {
    float[] values = new float[sample.values().length];
    for (int i = 0; i < values.length; i++) values[i] = (float) sample.values()[i];
    return tf.reshape(tf.constant(values), tf.constant(sample.shape()));
  }
}
