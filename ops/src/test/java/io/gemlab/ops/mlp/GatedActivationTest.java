package io.gemlab.ops.mlp;

import static io.gemlab.ops.Precision.BFLOAT16;
import static io.gemlab.ops.Precision.FLOAT16;
import static io.gemlab.ops.Precision.FLOAT32;

import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.Sample;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GatedActivationTest {
  private final SplittableRandom random = new SplittableRandom(3);

  @ParameterizedTest
  @EnumSource
  void agreesWithTheOracle(GatedActivation activation) {
    OpCheck check =
        check(
            activation, Sample.gaussian(random, 2, 3, 4, 10), Sample.gaussian(random, 1, 3, 4, 10));
    check.agrees(FLOAT32, 16);
    // Float32 inside: what is left is one rounding of the result, and one of each gradient.
    check.agrees(BFLOAT16, 1);
    check.agrees(FLOAT16, 1);
  }

  /** Far out both are a straight line or zero: no overflow, no NaN from infinity times zero. */
  @ParameterizedTest
  @EnumSource
  void isALineOrZeroFarOut(GatedActivation activation) {
    Sample gate = new Sample(new double[] {-3e4, -300, -20, 0, 20, 300, 3e4}, 7);
    check(activation, gate, Sample.gaussian(random, 1, 7)).agrees(FLOAT32, 16);
  }

  private static OpCheck check(GatedActivation activation, Sample gate, Sample up) {
    DoubleUnaryOperator oracle = oracle(activation);
    return new OpCheck(
        (tf, in) -> activation.apply(tf, in.get(0), in.get(1)),
        in -> {
          double[] y = new double[in.get(0).length];
          for (int i = 0; i < y.length; i++) {
            y[i] = oracle.applyAsDouble(in.get(0)[i]) * in.get(1)[i];
          }
          return y;
        },
        List.of(gate, up));
  }

  private static DoubleUnaryOperator oracle(GatedActivation activation) {
    return switch (activation) {
      case GEGLU ->
          x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * Math.pow(x, 3))));
      case SWIGLU -> x -> x / (1 + Math.exp(-x));
    };
  }
}
