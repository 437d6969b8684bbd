package io.gemlab.ops.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * What an op gave.
 *
 * @param value row by row
 * @param gradients of the value times a cotangent, for each input
 */
public record Evaluation(double[] value, List<double[]> gradients) {

  /**
   * Fails where this is further from {@code want} than a tolerance times the tensor's largest, or
   * not finite. (A gradient that is next to nothing is held to half the largest of all.)
   *
   * @param counts which elements of the value mean something
   */
  public void assertAgrees(
      Evaluation want, double tolerance, double gradientTolerance, IntPredicate counts) {
    assertClose("value", want.value, value, tolerance * largest(want.value), counts);
    assertEquals(want.gradients.size(), gradients.size());
    double largest = want.gradients.stream().mapToDouble(Evaluation::largest).max().orElse(0);
    for (int i = 0; i < gradients.size(); i++) {
      double[] gradient = want.gradients.get(i);
      double allowed = gradientTolerance * Math.max(largest(gradient), largest / 2);
      assertClose("gradient " + i, gradient, gradients.get(i), allowed, all -> true);
    }
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  private static void assertClose(
      String what, double[] want, double[] got, double allowed, IntPredicate counts) {
    assertEquals(want.length, got.length, what + " has another size");
    double seen = 0;
    for (int i = 0; i < want.length; i++) {
      double off = Math.abs(got[i] - want[i]);
      String where = what + "[" + i + "] is " + got[i] + ", not " + want[i];
      assertTrue(Double.isFinite(got[i]), where);
      if (counts.test(i)) seen = Math.max(off, seen);
      assertTrue(off <= allowed || !counts.test(i), () -> where + "; off by more than " + allowed);
    }
  }
}
