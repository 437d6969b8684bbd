package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.Contract.Base;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.Arrays;
import java.util.List;

/**
 * A weighted mean on the sphere for any number of models: directions are projected onto the tangent
 * space at their weighted mean, averaged there and projected back; the length is the weighted mean
 * of lengths. Of differences from a base where there is one.
 *
 * @see <a href="https://goddard.blog/posts/multislerp-wow-what-a-cool-idea">Goddard 2025</a>
 */
public final class MultiSlerp implements MergeMethod {
  private static final Contract CONTRACT =
      new Contract(
          "multislerp",
          "Multi-SLERP",
          "https://goddard.blog/posts/multislerp-wow-what-a-cool-idea",
          Base.OPTIONAL,
          1,
          Contract.ANY_NUMBER,
          List.of(
              Parameter.weight(),
              Parameter.flag("normalize_weights", true, "whether weights are divided by their sum"),
              Parameter.number("eps", 1e-8, 0, 1, "what lengths are kept above")));

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    double[] weights = weights(inputs, values);
    double eps = values.number("eps");
    return Combination.of(
        inputs,
        Grouping.whole(inputs.shape()),
        (products, group) -> {
          if (weights.length == 1) return new double[] {1};
          return coefficients(inputs.name(), products, weights, eps);
        });
  }

  private static double[] weights(TensorInputs inputs, ParameterValues values) {
    double[] weights = values.ofModels("weight", inputs.models());
    double all = Arrays.stream(weights).sum();
    if (values.flag("normalize_weights")) Arrays.setAll(weights, i -> weights[i] / all);
    return weights;
  }

  private static double[] coefficients(
      String tensor, InnerProducts products, double[] weights, double eps) {
    int models = weights.length;
    double[] perUnit = new double[models];
    Arrays.setAll(perUnit, i -> 1 / (products.norm(i, 0) + eps));
    double[] mean = new double[models];
    Arrays.setAll(mean, i -> weights[i] * perUnit[i]);
    double length = products.norm(mean, 0);
    if (length < eps) {
      if (models == 2) return weights;
      throw new InvalidInput(
          tensor + ": the models' directions cancel each other; give other weights");
    }
    for (int i = 0; i < models; i++) mean[i] /= length;
    double[] tangent = new double[models];
    double alongMean = 0;
    for (int i = 0; i < models; i++) {
      tangent[i] = weights[i] * perUnit[i];
      alongMean += weights[i] * perUnit[i] * products.of(i, mean, 0);
    }
    for (int i = 0; i < models; i++) tangent[i] -= alongMean * mean[i];
    double angle = products.norm(tangent, 0) + eps;
    double scale = 0;
    for (int i = 0; i < models; i++) scale += weights[i] * products.norm(i, 0);
    double[] result = new double[models];
    for (int i = 0; i < models; i++) {
      result[i] = scale * (mean[i] * Math.cos(angle) + tangent[i] * Math.sin(angle) / angle);
    }
    return result;
  }
}
