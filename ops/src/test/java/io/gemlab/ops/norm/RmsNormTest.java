package io.gemlab.ops.norm;

import static io.gemlab.ops.Precision.BFLOAT16;
import static io.gemlab.ops.Precision.FLOAT16;
import static io.gemlab.ops.Precision.FLOAT32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.RmsNormOracle;
import io.gemlab.ops.oracle.Sample;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class RmsNormTest {
  private static final float EPSILON = 1e-6f;

  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void agreesWithTheOracle() {
    OpCheck check = check(Sample.gaussian(random, 3, 4, 5, 24));
    check.agrees(FLOAT32, 16);
    // All is float32 inside: what is left is one rounding of the result, and one of the gradient.
    check.agrees(BFLOAT16, 1);
    check.agrees(FLOAT16, 1);
  }

  @Test
  void agreesOnVectorsAndOnRowsOfAMatrix() {
    check(Sample.gaussian(random, 1, 24)).agrees(FLOAT32, 16);
    check(Sample.gaussian(random, 1, 7, 24)).agrees(FLOAT32, 16);
  }

  /**
   * A row of zeros is where epsilon is all there is; its gradient is 1 / sqrt(epsilon) steep, and
   * the oracle's differences are off by 2e-6 there.
   */
  @Test
  void aRowOfZerosStaysFinite() {
    double[] values = Sample.gaussian(random, 1, 2 * 24).values();
    for (int i = 0; i < 24; i++) values[i] = 0;
    check(new Sample(values, 2, 24)).agrees(FLOAT32, 64);
  }

  @Test
  void neitherLargeNorSmallNumbersOverflow() {
    check(Sample.gaussian(random, 1e4, 2, 24)).agrees(FLOAT32, 16);
    check(Sample.gaussian(random, 1e-1, 2, 24)).agrees(FLOAT32, 16);
  }

  @ParameterizedTest
  @ValueSource(floats = {0, -1e-6f, Float.NaN, Float.POSITIVE_INFINITY})
  void refusesAnEpsilonThatIsNone(float epsilon) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.constant(new float[] {1, 2});
      Exception refusal =
          assertThrows(IllegalArgumentException.class, () -> RmsNorm.apply(tf, x, x, epsilon));
      assertEquals(
          "rms_norm_eps is " + epsilon + "; give a finite number above 0", refusal.getMessage());
    }
  }

  private OpCheck check(Sample x) {
    return new OpCheck(
        (tf, in) -> RmsNorm.apply(tf, in.get(0), in.get(1), EPSILON),
        in -> RmsNormOracle.value(in.get(0), in.get(1), EPSILON),
        List.of(x, Sample.gaussian(random, 0.5, 24)));
  }
}
