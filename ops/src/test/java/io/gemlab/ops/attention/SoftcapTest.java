package io.gemlab.ops.attention;

import static io.gemlab.ops.Precision.FLOAT32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.Oracle;
import io.gemlab.ops.oracle.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Float32 only: whoever caps casts first. */
class SoftcapTest {

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 30, 50, 1000})
  void agreesWithTheOracle(double cap) {
    Sample scores = Sample.gaussian(new SplittableRandom(1), cap, 3, 8);
    new OpCheck(
            (tf, in) -> Softcap.of(cap).apply(tf, Scalars.toFloat32(tf, in.getFirst())),
            oracle(cap),
            List.of(scores))
        .agrees(FLOAT32, 8);
  }

  @Test
  void largeScoresEndAtTheCap() {
    Sample scores = new Sample(new double[] {-1e30, -1e4, -400, 0, 400, 1e4, 1e30}, 7);
    new OpCheck(
            (tf, in) -> Softcap.of(50).apply(tf, Scalars.toFloat32(tf, in.getFirst())),
            oracle(50),
            List.of(scores))
        .agrees(FLOAT32, 16);
  }

  /** {@code backward} is what blockwise attention and cross-entropy multiply by. */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 30, 50})
  void backwardIsTheDerivative(double cap) {
    SplittableRandom random = new SplittableRandom(2);
    List<Sample> scoresAndGradient =
        List.of(Sample.gaussian(random, cap, 20), Sample.gaussian(random, 1, 20));
    new OpCheck(
            (tf, in) -> {
              Operand<TFloat32> scores = Scalars.toFloat32(tf, in.get(0));
              Operand<TFloat32> capped = Softcap.of(cap).apply(tf, scores);
              return Softcap.of(cap).backward(tf, capped, Scalars.toFloat32(tf, in.get(1)));
            },
            in -> {
              double[] product = in.get(1).clone();
              for (int i = 0; i < product.length; i++) {
                product[i] *= 1 - Math.pow(Math.tanh(in.get(0)[i] / cap), 2);
              }
              return product;
            },
            scoresAndGradient)
        .agrees(FLOAT32, 16);
  }

  @Test
  void noneLeavesScoresAlone() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> scores = tf.constant(1e30f);
      assertSame(scores, Softcap.none().apply(tf, scores));
      assertSame(scores, Softcap.none().backward(tf, tf.constant(7f), scores));
    }
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        0,
        -0.0,
        -50,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        1e-50,
        1e-40,
        1e300
      })
  void refusesACapThatIsNone(double cap) {
    Exception refusal = assertThrows(IllegalArgumentException.class, () -> Softcap.of(cap));
    assertEquals(
        "a softcap of "
            + cap
            + " would zero every score or let none through;"
            + " give a number above 0 that float32 can hold, or null for no cap",
        refusal.getMessage());
  }

  private static Oracle oracle(double cap) {
    return in -> Arrays.stream(in.getFirst()).map(x -> cap * Math.tanh(x / cap)).toArray();
  }
}
