package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.Contract.Base;
import java.util.List;

/** One model's tensor as it is, or scaled: what slices of several models are stacked with. */
public final class Passthrough implements MergeMethod {
  private static final String SCALE = "scale";

  private static final Contract CONTRACT =
      new Contract(
          "passthrough",
          "Passthrough",
          "",
          Base.NONE,
          1,
          1,
          List.of(
              Parameter.ofModel(
                  SCALE,
                  1,
                  Double.NEGATIVE_INFINITY,
                  Double.POSITIVE_INFINITY,
                  "what the tensor is multiplied by")));

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    float scale = (float) scale(values);
    return (_, count, inputs_MN, result_N) -> {
      for (int i = 0; i < count; i++) result_N[i] = inputs_MN[0][i] * scale;
    };
  }

  @Override
  public double scale(ParameterValues values) {
    return values.ofModel(SCALE, 0);
  }
}
