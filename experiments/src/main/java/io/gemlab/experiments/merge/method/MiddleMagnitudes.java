package io.gemlab.experiments.merge.method;

import java.util.List;

/**
 * Drops a tensor's largest magnitudes, {@code gamma} of its elements, and its smallest, so that
 * {@code density} of them stay; fewer of the largest where else too few would.
 */
final class MiddleMagnitudes implements Sparsifier {
  private static final String GAMMA = "gamma";

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.ofModel(GAMMA, 0.01, 0, 1, "which share of the largest magnitudes is dropped"));
  }

  @Override
  public Kept decide(TaskVector vector, ParameterValues values, Arithmetic arithmetic) {
    double density = values.ofModel(TaskVectors.DENSITY, vector.input());
    if (density >= 1) return Kept.ALL;
    long elements = vector.elements();
    long staying = (long) (density * elements);
    long largest =
        Math.min((long) (values.ofModel(GAMMA, vector.input()) * elements), elements - staying);
    LargestValues both = largest(vector, staying + largest);
    LargestValues outliers = largest(vector, largest);
    return (first, count, vector_N) -> {
      for (int i = 0; i < count; i++) {
        float magnitude = Math.abs(vector_N[i]);
        boolean stays = both.has(first + i, magnitude) && !outliers.has(first + i, magnitude);
        vector_N[i] = Sparsifier.kept(vector_N[i], stays);
      }
    };
  }

  private static LargestValues largest(TaskVector vector, long count) {
    return count == 0
        ? LargestValues.NONE
        : LargestValues.of(vector.elements(), count, vector::readMagnitudes);
  }
}
