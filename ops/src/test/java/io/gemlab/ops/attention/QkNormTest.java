package io.gemlab.ops.attention;

import static io.gemlab.ops.Precision.BFLOAT16;
import static io.gemlab.ops.Precision.FLOAT32;

import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.RmsNormOracle;
import io.gemlab.ops.oracle.Sample;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QkNormTest {
  private static final float EPSILON = 1e-6f;
  private static final int HEAD_DIM = 6;

  private final SplittableRandom random = new SplittableRandom(1);
  private final Sample qNorm = Sample.gaussian(random, 0.5, HEAD_DIM);
  private final Sample kNorm = Sample.gaussian(random, 0.5, HEAD_DIM);

  /** The other side's weight has no part in it: its gradient is left out, not zero by luck. */
  @Test
  void queriesAreNormalisedHeadByHead() {
    OpCheck check =
        new OpCheck(
            (tf, in) -> new QkNorm(in.get(1), tf.constant(0f), EPSILON).queries(tf, in.get(0)),
            in -> RmsNormOracle.value(in.get(0), in.get(1), EPSILON),
            List.of(Sample.gaussian(random, 3, 2, 5, 4, HEAD_DIM), qNorm));
    check.agrees(FLOAT32, 16);
    check.agrees(BFLOAT16, 1);
  }

  @Test
  void keysAreNormalisedHeadByHead() {
    OpCheck check =
        new OpCheck(
            (tf, in) -> new QkNorm(tf.constant(0f), in.get(1), EPSILON).keys(tf, in.get(0)),
            in -> RmsNormOracle.value(in.get(0), in.get(1), EPSILON),
            List.of(Sample.gaussian(random, 3, 2, 5, 2, HEAD_DIM), kNorm));
    check.agrees(FLOAT32, 16);
    check.agrees(BFLOAT16, 1);
  }
}
