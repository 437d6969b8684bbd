package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.Contract.Base;
import java.util.List;
import java.util.Optional;

/**
 * The weighted mean of models, or their weighted sum.
 *
 * @see <a href="https://arxiv.org/abs/2203.05482">Model soups, arXiv:2203.05482</a>
 */
public final class Linear implements MergeMethod {
  private static final String NORMALIZE = "normalize";

  private static final Contract CONTRACT =
      new Contract(
          "linear",
          "Linear",
          "https://arxiv.org/abs/2203.05482",
          Base.NONE,
          1,
          Contract.ANY_NUMBER,
          List.of(
              Parameter.weight(),
              Parameter.flag(
                  NORMALIZE,
                  true,
                  "whether the sum is divided by the weights of the models that count")));

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    int models = inputs.tensors().size();
    float[] weights = new float[models];
    for (int model = 0; model < models; model++) {
      weights[model] = (float) values.ofModel("weight", model);
    }
    float divisor = values.flag(NORMALIZE) ? divisor(weights) : 1;
    // Products are not rounded before they are added, as in PyTorch, which mergekit computes with.
    return (_, count, inputs_MN, result_N) -> {
      float[] sum_N = new float[count];
      for (int model = 0; model < models; model++) {
        float[] model_N = inputs_MN[model];
        float weight = weights[model];
        for (int i = 0; i < count; i++) sum_N[i] = Math.fma(model_N[i], weight, sum_N[i]);
      }
      for (int i = 0; i < count; i++) result_N[i] = sum_N[i] / divisor;
    };
  }

  private static float divisor(float[] weights) {
    float sum = 0;
    for (float weight : weights) sum += weight;
    return sum;
  }

  @Override
  public Optional<String> problem(ParameterValues values) {
    return values.flag(NORMALIZE) && sum(values) == 0
        ? Optional.of(
            "the weights add up to 0, and the sum is divided by that; set normalize: false")
        : Optional.empty();
  }

  @Override
  public double scale(ParameterValues values) {
    return values.flag(NORMALIZE) ? 1 : sum(values);
  }

  private static double sum(ParameterValues values) {
    return values.ofModels().get("weight").stream().mapToDouble(Double::doubleValue).sum();
  }
}
