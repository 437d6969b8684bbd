package io.gemlab.experiments.merge.method;

/** Keeps each element with probability {@code density}. */
final class RandomDrop implements Sparsifier {
  @Override
  public Kept decide(TaskVector vector, ParameterValues values, Arithmetic arithmetic) {
    double density = values.ofModel(TaskVectors.DENSITY, vector.input());
    if (density >= 1) return Kept.ALL;
    float probability = arithmetic.rounding().round(density);
    Masks.Mask mask = arithmetic.masks().of(vector.inputs().name(), vector.input());
    return (first, count, vector_N) -> {
      for (int i = 0; i < count; i++) {
        vector_N[i] = Sparsifier.kept(vector_N[i], mask.keeps(first + i, probability));
      }
    };
  }
}
