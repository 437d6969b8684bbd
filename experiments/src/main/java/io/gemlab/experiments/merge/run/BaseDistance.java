package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.method.PieceMerge;
import io.gemlab.experiments.merge.method.Rounding;
import io.gemlab.experiments.merge.method.TensorInputs;

/** How far a tensor's values, as they will be stored, are from the base's; summed in float64. */
final class BaseDistance {
  private final int base;
  private final Rounding stored;
  private double squares;

  /**
   * @param base which input is the base
   * @param stored what the result is rounded to
   */
  BaseDistance(int base, Rounding stored) {
    this.base = base;
    this.stored = stored;
  }

  /** The same merge, each of whose elements is measured. */
  PieceMerge of(PieceMerge merge) {
    squares = 0;
    float[] base_N = new float[TensorInputs.PIECE];
    return (first, count, inputs_MN, result_N) -> {
      System.arraycopy(inputs_MN[base], 0, base_N, 0, count);
      merge.merge(first, count, inputs_MN, result_N);
      for (int i = 0; i < count; i++) {
        double difference = (double) stored.round(result_N[i]) - base_N[i];
        squares += difference * difference;
      }
    };
  }

  /** The sum of squared differences. */
  double squares() {
    return squares;
  }
}
