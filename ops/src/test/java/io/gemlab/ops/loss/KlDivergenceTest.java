package io.gemlab.ops.loss;

import static io.gemlab.ops.Precision.FLOAT32;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.oracle.LossOracle;
import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KlDivergenceTest {
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void agreesWithTheOracle() {
    check(logProbabilities(2), logProbabilities(2)).agrees(FLOAT32, 16);
  }

  /** Probabilities down to e^-200, which are zero in float32. */
  @Test
  void vanishingProbabilitiesAddNothing() {
    check(logProbabilities(40), logProbabilities(40)).agrees(FLOAT32, 16);
  }

  @Test
  void isZeroOfADistributionFromItself() {
    Sample p = logProbabilities(3);
    check(p, p).agrees(FLOAT32, 16);
  }

  private OpCheck check(Sample logP, Sample logQ) {
    return new OpCheck(
        (tf, in) ->
            KlDivergence.apply(
                tf, Scalars.toFloat32(tf, in.get(0)), Scalars.toFloat32(tf, in.get(1))),
        in -> {
          double[] rows = new double[4];
          for (int i = 0; i < in.get(0).length; i++) {
            rows[i / 9] += Math.exp(in.get(0)[i]) * (in.get(0)[i] - in.get(1)[i]);
          }
          return rows;
        },
        List.of(logP, logQ));
  }

  private Sample logProbabilities(double spread) {
    List<double[]> rows = new ArrayList<>();
    for (int m = 0; m < 4; m++) {
      rows.add(LossOracle.logSoftmax(Sample.gaussian(random, spread, 9).values()));
    }
    return new Sample(rows.stream().flatMapToDouble(Arrays::stream).toArray(), 4, 9);
  }
}
