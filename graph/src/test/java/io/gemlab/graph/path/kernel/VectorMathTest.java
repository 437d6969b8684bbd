package io.gemlab.graph.path.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.ops.Bfloat16;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** Functions of lanes against float64. */
class VectorMathTest {
  private static final double ULP = 0x1p-23;

  @Test
  void exponentialsAreGoodToTwoUnitsInTheLastPlace() {
    check(VectorMath::exp, Math::exp, -87, 87, 2);
    assertTrue(one(VectorMath::exp, Float.NEGATIVE_INFINITY) < 1.3e-38);
    assertEquals(1, one(VectorMath::exp, 0));
    assertEquals(Float.NaN, one(VectorMath::exp, Float.NaN));
  }

  @Test
  void hyperbolicTangentsAreGoodToFourUnitsInTheLastPlace() {
    check(VectorMath::tanh, Math::tanh, -12, 12, 4);
    check(VectorMath::tanh, Math::tanh, -0.5, 0.5, 4);
    check(VectorMath::tanh, Math::tanh, -1e-4, 1e-4, 4);
    assertEquals(1, one(VectorMath::tanh, Float.POSITIVE_INFINITY));
    assertEquals(-1, one(VectorMath::tanh, -1e30f));
    assertEquals(Float.NaN, one(VectorMath::tanh, Float.NaN));
  }

  @Test
  void roundingIsThatOfBfloat16() {
    Random random = new Random(4);
    for (int i = 0; i < 10_000; i++) {
      float x = Float.intBitsToFloat(random.nextInt());
      if (Float.isNaN(x)) continue;
      assertEquals(Bfloat16.toFloat(Bfloat16.fromFloat(x)), one(Lanes::rounded, x));
    }
    assertEquals(Float.NaN, one(Lanes::rounded, Float.NaN));
  }

  private static void check(
      UnaryOperator<FloatVector> function,
      DoubleUnaryOperator oracle,
      double from,
      double to,
      double ulps) {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      float x = (float) random.nextDouble(from, to);
      double want = oracle.applyAsDouble(x);
      assertEquals(want, one(function, x), ulps * ULP * Math.abs(want), "of " + x);
    }
  }

  private static float one(UnaryOperator<FloatVector> function, float x) {
    return function.apply(FloatVector.broadcast(Lanes.FLOATS, x)).lane(Lanes.COUNT - 1);
  }
}
