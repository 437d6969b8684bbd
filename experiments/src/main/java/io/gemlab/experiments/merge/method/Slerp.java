package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.Contract.Base;
import java.util.List;
import java.util.Optional;

/**
 * Spherical linear interpolation from the base model, t = 0, to the other, t = 1: each tensor is
 * one vector, turned by t of the angle between the two and not normalised, so that its length is
 * between theirs. Where they are parallel or opposite, |cos| above 0.9995, it is linear
 * interpolation. Other t turn further, or away.
 */
public final class Slerp implements MergeMethod {
  private static final String T = "t";
  private static final double PARALLEL = 0.9995;
  private static final double SHORT = 1e-8;

  private static final Contract CONTRACT =
      new Contract(
          "slerp",
          "SLERP",
          "https://en.wikipedia.org/wiki/Slerp",
          Base.REQUIRED,
          1,
          1,
          List.of(Parameter.required(T, "how far from base_model, 0, to the other model, 1")));

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public Optional<String> caution(ParameterValues values) {
    double t = values.number(T);
    return t < 0 || t > 1
        ? Optional.of("t is %s: outside 0 to 1 it goes beyond the models".formatted((float) t))
        : Optional.empty();
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    int base = inputs.base().orElseThrow();
    double t = values.number(T);
    return Combination.of(
        inputs.withoutBase(),
        Grouping.whole(inputs.shape()),
        (products, group) -> coefficients(products, group, base == 0 ? t : 1 - t));
  }

  /** Of the first vector and the second, {@code t} from the first to the second. */
  private static double[] coefficients(InnerProducts products, int group, double t) {
    double lengths = length(products, 0, group) * length(products, 1, group);
    double cos = Math.clamp(products.of(0, 1, group) / lengths, -1, 1);
    if (Math.abs(cos) > PARALLEL) return new double[] {1 - t, t};
    return Arc.weights(cos, t);
  }

  private static double length(InnerProducts products, int vector, int group) {
    double norm = products.norm(vector, group);
    return norm > SHORT ? norm : 1;
  }
}
