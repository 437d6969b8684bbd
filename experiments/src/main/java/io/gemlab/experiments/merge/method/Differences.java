package io.gemlab.experiments.merge.method;

/** Task vectors: what models are more than their base. */
final class Differences {
  private Differences() {}

  /**
   * Subtracts the base from the other inputs, in place; nothing where there is none.
   *
   * @return {@code values_MN}
   */
  static float[][] of(TensorInputs inputs, int count, float[][] values_MN) {
    if (inputs.base().isEmpty()) return values_MN;
    float[] base_N = values_MN[inputs.base().getAsInt()];
    for (int model : inputs.models()) {
      subtract(values_MN[model], base_N, count);
      inputs.rounding().round(values_MN[model], count);
    }
    return values_MN;
  }

  static void subtract(float[] from_N, float[] base_N, int count) {
    for (int i = 0; i < count; i++) from_N[i] -= base_N[i];
  }
}
