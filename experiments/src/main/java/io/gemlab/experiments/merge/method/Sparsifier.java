package io.gemlab.experiments.merge.method;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Drops elements of a task vector: of a tensor, a share {@code density} stays. */
@FunctionalInterface
interface Sparsifier {
  /** The decision for a whole tensor. */
  @FunctionalInterface
  interface Kept {
    /** All of it. */
    Kept ALL = (_, _, _) -> {};

    /** Nothing. */
    Kept NONE = (_, count, vector_N) -> Arrays.fill(vector_N, 0, count, 0);

    /**
     * Sets what is dropped to 0.
     *
     * @param first index of the piece's first element
     * @param vector_N the task vector from there on
     */
    void apply(long first, int count, float[] vector_N);
  }

  /**
   * A value that stays, or 0: without a branch, which would be as good as random to a processor.
   */
  static float kept(float value, boolean stays) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(value) & (stays ? -1 : 0));
  }

  /** Decides, reading the vector as often as it must. */
  Kept decide(TaskVector vector, ParameterValues values, Arithmetic arithmetic);

  /** What it wants to know beside the density. */
  default List<Parameter> parameters() {
    return List.of();
  }

  /** What is wrong with its parameters together. */
  default Optional<String> problem(ParameterValues values) {
    return Optional.empty();
  }
}
