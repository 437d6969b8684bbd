package io.gemlab.ops.loss;

import static io.gemlab.ops.Precision.FLOAT32;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.Sample;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LossSumTest {

  @Test
  void isOverThoseScored() {
    check(new int[] {5, -100, 0, 7, -1}, 3).agrees(FLOAT32, 4);
  }

  @Test
  void isZeroWhereNothingIsScored() {
    check(new int[] {-1, -100, -100, -1, -1}, 1).agrees(FLOAT32, 0);
  }

  private static OpCheck check(int[] labels, int scored) {
    return new OpCheck(
        (tf, in) ->
            LossSum.of(tf, Scalars.toFloat32(tf, in.getFirst()), tf.constant(labels)).mean(tf),
        in -> {
          double sum = 0;
          for (int m = 0; m < labels.length; m++) if (labels[m] >= 0) sum += in.getFirst()[m];
          return new double[] {sum / scored};
        },
        List.of(Sample.gaussian(new SplittableRandom(1), 3, labels.length)));
  }
}
