package io.gemlab.ops.loss;

import static io.gemlab.ops.Precision.BFLOAT16;
import static io.gemlab.ops.Precision.FLOAT16;
import static io.gemlab.ops.Precision.FLOAT32;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.oracle.Evaluation;
import io.gemlab.ops.oracle.LossOracle;
import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.Sample;
import io.gemlab.ops.oracle.TracedOp;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Against TRL's own numbers: {@code GkdGoldenTest} in graph. */
class GeneralizedJsdTest {
  private static final int ROWS = 5;
  private static final int VOCABULARY = 11;

  private final SplittableRandom random = new SplittableRandom(1);
  private final Sample student = Sample.gaussian(random, 3, ROWS, VOCABULARY);
  private final Sample teacher = Sample.gaussian(random, 3, ROWS, VOCABULARY);

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 0.7", "0.1, 1", "0.5, 0.5", "0.5, 2", "0.9, 1", "1, 1", "1, 3"})
  void agreesWithTheOracle(double beta, double temperature) {
    OpCheck check = check(beta, temperature);
    // A gradient is p times a difference of log-probabilities, which are known to 1e-6 at -20.
    check.agrees(FLOAT32, 24, 256);
    // Float32 inside: the loss is as good as before, the gradient is rounded once.
    check.agrees(BFLOAT16, 1e-3, 1);
    check.agrees(FLOAT16, 5e-3, 1);
  }

  /** Value and gradient: at a equals b, a maximum would have the gradient of one side only. */
  @ParameterizedTest
  @CsvSource({"0", "0.1", "0.5", "0.9", "1"})
  void isZeroOfATeacherFromItself(double beta) {
    double[] ones = {1, 1, 1, 1, 1};
    TracedOp op =
        (tf, in) ->
            new GeneralizedJsd(beta, Temperature.ONE)
                .apply(tf, in.getFirst(), constant(tf, teacher));
    Evaluation same = op.evaluate(FLOAT32, List.of(teacher), ones);
    assertArrayEquals(new double[ROWS], same.value(), 1e-6);
    assertArrayEquals(new double[ROWS * VOCABULARY], same.gradients().getFirst(), 1e-6);
  }

  /** A teacher that is half the student; its oracle stays where it is. */
  @Test
  void noGradientFlowsToTheTeacher() {
    double[] half = student.in(FLOAT32).map(logit -> logit / 2).values();
    for (double beta : new double[] {0, 0.5, 1}) {
      GeneralizedJsd jsd = new GeneralizedJsd(beta, Temperature.ONE);
      new OpCheck(
              (tf, in) -> {
                Operand<TFloat32> logits = Scalars.toFloat32(tf, in.getFirst());
                return jsd.apply(tf, logits, tf.math.mul(logits, tf.constant(0.5f)));
              },
              in -> LossOracle.jsd(in.getFirst(), half, ROWS, beta, 1),
              List.of(student))
          .agrees(FLOAT32, 24, 256);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-0.1, 1, beta is -0.1; give a number from 0 to 1",
    "1.1, 1, beta is 1.1; give a number from 0 to 1",
    "NaN, 1, beta is NaN; give a number from 0 to 1",
    "0.5, 0, temperature is 0.0; give a finite number above 0",
    "0.5, -1, temperature is -1.0; give a finite number above 0",
    "0.5, NaN, temperature is NaN; give a finite number above 0",
    "0.5, Infinity, temperature is Infinity; give a finite number above 0"
  })
  void refuses(double beta, double temperature, String message) {
    Exception refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> new GeneralizedJsd(beta, new Temperature(temperature)));
    assertEquals(message, refusal.getMessage());
  }

  private OpCheck check(double beta, double temperature) {
    GeneralizedJsd jsd = new GeneralizedJsd(beta, new Temperature(temperature));
    return new OpCheck(
        (tf, in) -> jsd.apply(tf, in.getFirst(), constant(tf, teacher)),
        in -> LossOracle.jsd(in.getFirst(), teacher.values(), ROWS, beta, temperature),
        List.of(student));
  }

  private static Operand<TFloat32> constant(Ops tf, Sample sample) {
    float[] values = new float[sample.values().length];
    for (int i = 0; i < values.length; i++) values[i] = (float) sample.values()[i];
    return tf.reshape(tf.constant(values), tf.constant(sample.shape()));
  }
}
