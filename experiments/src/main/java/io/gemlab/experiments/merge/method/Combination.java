package io.gemlab.experiments.merge.method;

/**
 * A sum of a tensor's inputs times coefficients, each vector of the tensor with its own. Where
 * there is a base, differences from it are summed and added to it. In float64, rounded once to
 * float32.
 */
final class Combination implements PieceMerge {
  private final TensorInputs inputs;
  private final Grouping grouping;
  private final double[][] coefficients_MG;

  /** Finds the coefficients of one vector. */
  @FunctionalInterface
  interface Coefficients {
    /**
     * @return one for each input that isn't the base
     */
    double[] of(InnerProducts products, int group);
  }

  private Combination(TensorInputs inputs, Grouping grouping, double[][] coefficients_MG) {
    this.inputs = inputs;
    this.grouping = grouping;
    this.coefficients_MG = coefficients_MG;
  }

  /** Reads the inputs once and finds the coefficients of each vector. */
  static Combination of(TensorInputs inputs, Grouping grouping, Coefficients coefficients) {
    return of(inputs, InnerProducts.of(inputs, grouping), coefficients);
  }

  /** Finds the coefficients of each vector. */
  static Combination of(TensorInputs inputs, InnerProducts products, Coefficients coefficients) {
    Grouping grouping = products.grouping();
    double[][] found_MG = new double[products.vectors()][grouping.groups()];
    for (int group = 0; group < grouping.groups(); group++) {
      double[] one = coefficients.of(products, group);
      for (int model = 0; model < one.length; model++) found_MG[model][group] = one[model];
    }
    return new Combination(inputs, grouping, found_MG);
  }

  @Override
  public void merge(long first, int count, float[][] inputs_MN, float[] result_N) {
    int[] models = inputs.models();
    Differences.of(inputs, count, inputs_MN);
    double[] sum_N = new double[count];
    for (int model = 0; model < models.length; model++) {
      add(first, coefficients_MG[model], inputs_MN[models[model]], sum_N);
    }
    if (inputs.base().isPresent()) {
      float[] base_N = inputs_MN[inputs.base().getAsInt()];
      for (int i = 0; i < count; i++) sum_N[i] += base_N[i];
    }
    for (int i = 0; i < count; i++) result_N[i] = (float) sum_N[i];
  }

  private void add(long first, double[] coefficient_G, float[] values_N, double[] sum_N) {
    if (grouping.groups() == 1) {
      double coefficient = coefficient_G[0];
      for (int i = 0; i < sum_N.length; i++) sum_N[i] += coefficient * values_N[i];
    } else {
      for (int i = 0; i < sum_N.length; i++) {
        sum_N[i] += coefficient_G[grouping.of(first + i)] * values_N[i];
      }
    }
  }
}
