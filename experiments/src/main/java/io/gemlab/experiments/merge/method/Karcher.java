package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.Contract.Base;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The Karcher mean: the direction from which the squared angles to all models' directions are
 * smallest, found by steps in the tangent space; its length is the mean of lengths.
 *
 * <p>The mean is a sum of the models' directions at every step, so the steps need their inner
 * products only.
 *
 * @see <a href="https://arxiv.org/abs/2603.04972">arXiv:2603.04972</a>
 */
public final class Karcher implements MergeMethod {
  private static final Contract CONTRACT =
      new Contract(
          "karcher",
          "Karcher mean",
          "https://arxiv.org/abs/2603.04972",
          Base.NONE,
          1,
          Contract.ANY_NUMBER,
          List.of(
              new Parameter(
                  "max_iter",
                  Parameter.Scope.MERGE,
                  Parameter.Kind.INTEGER,
                  OptionalDouble.of(10),
                  0,
                  1_000_000,
                  "steps at most"),
              Parameter.number("tol", 1e-5, 0, 1, "a step or an angle below it is none")));

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    int steps = (int) values.number("max_iter");
    double tolerance = values.number("tol");
    return Combination.of(
        inputs,
        Grouping.whole(inputs.shape()),
        (products, _) ->
            products.vectors() == 1
                ? new double[] {1}
                : new Mean(products, tolerance).coefficients(steps));
  }

  /** One tensor's. Directions are kept as coefficients of the models' vectors. */
  private static final class Mean {
    private final InnerProducts products;
    private final double tolerance;
    private final int[] longEnough;

    Mean(InnerProducts products, double tolerance) {
      this.products = products;
      this.tolerance = tolerance;
      this.longEnough =
          IntStream.range(0, products.vectors())
              .filter(i -> products.norm(i, 0) > tolerance)
              .toArray();
    }

    double[] coefficients(int steps) {
      double[] mean = new double[products.vectors()];
      if (longEnough.length == 0) return mean;
      for (int i : longEnough) mean[i] = 1 / (longEnough.length * products.norm(i, 0));
      if (products.norm(mean, 0) < tolerance) {
        Arrays.fill(mean, 0);
        mean[longEnough[0]] = 1;
      }
      normalize(mean);
      for (int step = 0; step < steps && improve(mean); step++) {}
      double length = 0;
      for (int i = 0; i < mean.length; i++) length += products.norm(i, 0) / mean.length;
      for (int i = 0; i < mean.length; i++) mean[i] *= length;
      return mean;
    }

    /** Goes a step; false where there is none to go. */
    private boolean improve(double[] mean) {
      double[] tangent = new double[mean.length];
      for (int i : longEnough) {
        double norm = products.norm(i, 0);
        double cos = Math.clamp(products.of(i, mean, 0) / norm, -1, 1);
        double angle = Math.acos(cos);
        if (angle < tolerance) continue;
        double share = angle / Math.sin(angle) / longEnough.length;
        tangent[i] += share / norm;
        for (int k = 0; k < mean.length; k++) tangent[k] -= share * cos * mean[k];
      }
      double length = products.norm(tangent, 0);
      if (length < tolerance) return false;
      for (int k = 0; k < mean.length; k++) {
        mean[k] = Math.cos(length) * mean[k] + Math.sin(length) / length * tangent[k];
      }
      normalize(mean);
      return true;
    }

    private void normalize(double[] direction) {
      double norm = products.norm(direction, 0);
      for (int i = 0; i < direction.length; i++) direction[i] /= norm;
    }
  }
}
