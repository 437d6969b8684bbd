package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.Contract.Base;
import java.util.List;

/**
 * Spherical linear interpolation of two models by their weights, or of their differences from a
 * base where there is one, which is then added. A tensor is one vector, or each of its rows or
 * columns.
 */
public final class NuSlerp implements MergeMethod {
  private static final String FLATTEN = "nuslerp_flatten";
  private static final String ROW_WISE = "nuslerp_row_wise";
  private static final double PARALLEL = 1e-16;
  private static final double SHORT = 1e-7;
  private static final double NO_WEIGHT = 1e-6;

  private static final Contract CONTRACT =
      new Contract(
          "nuslerp",
          "NuSLERP",
          "",
          Base.OPTIONAL,
          2,
          2,
          List.of(
              Parameter.weight(),
              Parameter.flag(FLATTEN, true, "whether a tensor is one vector"),
              Parameter.flag(
                  ROW_WISE,
                  false,
                  "where it isn't: vectors run along the outermost dimension and not along the"
                      + " innermost")));

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    int[] models = inputs.models();
    double first = values.ofModel("weight", models[0]);
    double second = values.ofModel("weight", models[1]);
    double all = first + second;
    double t = Math.abs(all) < NO_WEIGHT ? 0.5 : second / all;
    return Combination.of(
        inputs, grouping(inputs, values), (products, group) -> coefficients(products, group, t));
  }

  private static Grouping grouping(TensorInputs inputs, ParameterValues values) {
    if (values.flag(FLATTEN)) return Grouping.whole(inputs.shape());
    return values.flag(ROW_WISE) ? Grouping.columns(inputs.shape()) : Grouping.rows(inputs.shape());
  }

  private static double[] coefficients(InnerProducts products, int group, double t) {
    double lengths =
        Math.max(SHORT, products.norm(0, group)) * Math.max(SHORT, products.norm(1, group));
    double cos = Math.clamp(products.of(0, 1, group) / lengths, -1, 1);
    if (1 - cos * cos <= PARALLEL) return new double[] {1 - t, t};
    return Arc.weights(cos, t);
  }
}
