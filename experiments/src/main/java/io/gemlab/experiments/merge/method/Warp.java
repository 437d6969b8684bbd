package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.Contract.Base;
import java.util.List;
import java.util.Optional;

/**
 * Weight averaged rewarded policies: the policies' task vectors, what they are more than the
 * initialisation, are merged by spherical linear interpolation, and points are taken on the line
 * from the initialisation, eta = 0, to what comes out, eta = 1, and beyond. Each tensor is one
 * vector with angles of its own.
 *
 * <p>More than two are merged one at a time: the m-th with lambda = 1 / m, or the share that its
 * weight has of all so far, so that the order counts. Task vectors that are parallel or opposite,
 * or of which one is 0 and has no direction, are interpolated linearly.
 *
 * @see <a href="https://arxiv.org/abs/2406.16768">WARP, arXiv:2406.16768, equations SLERP, LITI and
 *     26</a>
 */
public final class Warp implements MergeMethod {
  private static final String WEIGHT = "weight";
  private static final String ETA = "eta";

  /** Of a squared sine: below it there is no angle to divide by. */
  private static final double PARALLEL = 1e-16;

  private static final Contract CONTRACT =
      new Contract(
          "warp",
          "WARP",
          "https://arxiv.org/abs/2406.16768",
          Base.REQUIRED,
          1,
          Contract.ANY_NUMBER,
          List.of(
              Parameter.ofPoint(
                  ETA,
                  0,
                  Double.POSITIVE_INFINITY,
                  "how far from base_model, 0, to the merged policies, 1; a list gives a front"),
              Parameter.ofModel(
                  WEIGHT,
                  1,
                  Double.NEGATIVE_INFINITY,
                  Double.POSITIVE_INFINITY,
                  "the model's share")));

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public Optional<String> problem(ParameterValues values) {
    return values.ofModels().get(WEIGHT).stream()
        .filter(weight -> weight <= 0)
        .findFirst()
        .map("a weight is %s, and shares are of their sum; give numbers above 0"::formatted);
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    double[] weights = values.ofModels(WEIGHT, inputs.models());
    double eta = values.number(ETA);
    return Combination.of(
        inputs, inputs.products(), (products, _) -> scaled(slerp(products, weights), eta));
  }

  /** The merged task vector as a sum of the policies'. */
  private static double[] slerp(InnerProducts products, double[] weights) {
    double[] merged = new double[weights.length];
    merged[0] = 1;
    double all = weights[0];
    for (int next = 1; next < weights.length; next++) {
      all += weights[next];
      double[] parts = parts(products, merged, next, weights[next] / all);
      for (int i = 0; i < next; i++) merged[i] *= parts[0];
      merged[next] = parts[1];
    }
    return merged;
  }

  /** What the vector merged so far and the next one are multiplied by. */
  private static double[] parts(InnerProducts products, double[] merged, int next, double lambda) {
    double lengths = products.norm(merged, 0) * products.norm(next, 0);
    double cos = lengths == 0 ? 1 : Math.clamp(products.of(next, merged, 0) / lengths, -1, 1);
    return 1 - cos * cos <= PARALLEL ? new double[] {1 - lambda, lambda} : Arc.weights(cos, lambda);
  }

  private static double[] scaled(double[] coefficients, double factor) {
    for (int i = 0; i < coefficients.length; i++) coefficients[i] *= factor;
    return coefficients;
  }
}
