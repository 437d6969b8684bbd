package io.gemlab.ops.position;

import static io.gemlab.ops.Precision.BFLOAT16;
import static io.gemlab.ops.Precision.FLOAT16;
import static io.gemlab.ops.Precision.FLOAT32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.RotaryOracle;
import io.gemlab.ops.oracle.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.op.Ops;

class RotaryEmbeddingTest {
  private static final int HEAD_DIM = 8;
  private static final Rope ROPE = Rope.of(10_000);

  private final SplittableRandom random = new SplittableRandom(2);

  @Test
  void agreesWithTheOracle() {
    OpCheck check = check(new int[][] {{-1, -1, 0, 1, 2}, {7, 8, 9, 10, -1}});
    check.agrees(FLOAT32, 24);
    // Float32 inside: what is left is one rounding of the result, and one of the gradient.
    check.agrees(BFLOAT16, 1);
    check.agrees(FLOAT16, 1);
  }

  /** A float32 angle of 8191 radians is known to 2.4e-4, and so is what it rotates. */
  @Test
  void farAnglesAreKnownToHalfAFloat32Ulp() {
    check(new int[][] {{4095, 8188, 8189, 8190, 8191}}).agrees(FLOAT32, 1024);
  }

  /** Eight times as far, at an eighth of the angle. */
  @Test
  void aFactorDividesPositions() {
    int[][] positions = {{0, 8, 16, 24, 80}};
    check(positions, new Rope(1e6, 8)).agrees(FLOAT32, 24);
    Rope scaled = new Rope(1e6, 8);
    for (int pair = 0; pair < HEAD_DIM / 2; pair++) {
      assertEquals(Rope.of(1e6).frequency(pair, HEAD_DIM), 8 * scaled.frequency(pair, HEAD_DIM));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "7, 10000, 1, head_dim is 7; rotary embedding needs an even number above 0",
    "0, 10000, 1, head_dim is 0; rotary embedding needs an even number above 0",
    "-2, 10000, 1, head_dim is -2; rotary embedding needs an even number above 0",
    "8, 0, 1, rope_theta is 0.0; give a finite number above 0",
    "8, NaN, 1, rope_theta is NaN; give a finite number above 0",
    "8, Infinity, 1, rope_theta is Infinity; give a finite number above 0",
    "8, 10000, 0, the factor of rope_scaling is 0.0; give a finite number above 0"
  })
  void refuses(int headDim, double theta, double factor, String message) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Exception refusal =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  RotaryEmbedding.of(
                      tf, tf.constant(new int[][] {{0}}), headDim, new Rope(theta, factor)));
      assertEquals(message, refusal.getMessage());
    }
  }

  private OpCheck check(int[][] positions) {
    return check(positions, ROPE);
  }

  private OpCheck check(int[][] positions, Rope rope) {
    int[] flat = Arrays.stream(positions).flatMapToInt(Arrays::stream).toArray();
    return new OpCheck(
        (tf, in) ->
            RotaryEmbedding.of(tf, tf.constant(positions), HEAD_DIM, rope).rotate(tf, in.get(0)),
        in -> RotaryOracle.value(in.get(0), flat, HEAD_DIM, rope),
        List.of(Sample.gaussian(random, 2, positions.length, positions[0].length, 3, HEAD_DIM)));
  }
}
