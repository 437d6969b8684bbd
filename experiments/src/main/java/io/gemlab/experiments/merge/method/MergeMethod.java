package io.gemlab.experiments.merge.method;

import java.util.Optional;

/** A way to merge the same tensor of several models. */
public interface MergeMethod {
  /** What it takes. */
  Contract contract();

  /**
   * Reads a tensor's inputs as often as it must, and says how pieces of the result are made. Memory
   * grows with the number of rows at most, never with the number of elements.
   *
   * @param inputs as many as the contract wants
   * @param values of all parameters that the contract has
   * @param arithmetic how numbers are rounded and drawn
   */
  PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic);

  /** What is wrong with parameters together, each of which is in its range. */
  default Optional<String> problem(ParameterValues values) {
    return Optional.empty();
  }

  /** What parameters may not be meant for, though they can be computed with. */
  default Optional<String> caution(ParameterValues values) {
    return Optional.empty();
  }

  /** What a tensor comes out multiplied by which all models have alike. */
  default double scale(ParameterValues values) {
    return 1;
  }
}
