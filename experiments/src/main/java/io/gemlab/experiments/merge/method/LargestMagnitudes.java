package io.gemlab.experiments.merge.method;

/**
 * Keeps the largest magnitudes of a tensor: {@code density} of its elements, rounded down and at
 * least one.
 */
final class LargestMagnitudes implements Sparsifier {
  @Override
  public Kept decide(TaskVector vector, ParameterValues values, Arithmetic arithmetic) {
    double density = values.ofModel(TaskVectors.DENSITY, vector.input());
    if (density >= 1) return Kept.ALL;
    if (density <= 0) return Kept.NONE;
    long wanted = Math.max(1, (long) (density * vector.elements()));
    LargestValues largest = LargestValues.of(vector.elements(), wanted, vector::readMagnitudes);
    return largest::keep;
  }
}
