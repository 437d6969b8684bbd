package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.Contract.Base;
import java.util.Arrays;
import java.util.List;

/**
 * Between the base and the mean of the models, the nearer to the mean the more the models' ways
 * from the base are alike: t = n cos / (1 + (n - 1) cos), cos the mean over pairs.
 *
 * @see <a href="https://arxiv.org/abs/2403.19522">Model Stock, arXiv:2403.19522</a>
 */
public final class ModelStock implements MergeMethod {
  private static final double SHORT = 1e-6;

  private static final Contract CONTRACT =
      new Contract(
          "model_stock",
          "Model Stock",
          "https://arxiv.org/abs/2403.19522",
          Base.REQUIRED,
          2,
          Contract.ANY_NUMBER,
          List.of(
              Parameter.flag("filter_wise", false, "whether each row has an angle of its own")));

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    Grouping grouping =
        values.flag("filter_wise") ? Grouping.rows(inputs.shape()) : Grouping.whole(inputs.shape());
    return Combination.of(inputs, grouping, ModelStock::coefficients);
  }

  private static double[] coefficients(InnerProducts products, int group) {
    int models = products.vectors();
    double sum = 0;
    for (int a = 0; a < models; a++) {
      for (int b = 0; b < a; b++) {
        double lengths = products.norm(a, group) * products.norm(b, group);
        sum += Math.clamp(products.of(a, b, group) / Math.max(SHORT, lengths), -1, 1);
      }
    }
    double cos = sum / (models * (models - 1) / 2.0);
    double below = 1 + (models - 1) * cos;
    double t = Math.abs(below) < SHORT ? 0 : models * cos / below;
    double[] each = new double[models];
    Arrays.fill(each, t / models);
    return each;
  }
}
