package io.gemlab.ops.oracle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An op in plain Java and float64. */
@FunctionalInterface
public interface Oracle {
  /** What a coordinate moves by; the derivative's error is about its square. */
  double STEP = 1e-5;

  /**
   * @param inputs row by row
   * @return row by row
   */
  double[] value(List<double[]> inputs);

  /** The value, and its derivatives by central differences. */
  default Evaluation evaluate(List<Sample> inputs, double[] cotangent) {
    List<double[]> at = new ArrayList<>();
    for (Sample input : inputs) at.add(input.values().clone());
    List<double[]> gradients = new ArrayList<>();
    for (double[] input : at) {
      double[] gradient = new double[input.length];
      for (int i = 0; i < input.length; i++) {
        double here = input[i];
        input[i] = here + STEP;
        double above = dot(value(at), cotangent);
        input[i] = here - STEP;
        double below = dot(value(at), cotangent);
        input[i] = here;
        gradient[i] = (above - below) / (2 * STEP);
      }
      gradients.add(gradient);
    }
    return new Evaluation(value(at), gradients);
  }

  private static double dot(double[] a, double[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "a value of " + a.length + " meets a cotangent of " + Arrays.toString(b));
    }
    double sum = 0;
    for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }
}
