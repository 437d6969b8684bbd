package io.gemlab.experiments.merge.method;

/** Makes a tensor's merged values piece by piece, in any order, on one thread at a time. */
@FunctionalInterface
public interface PieceMerge {
  /**
   * Merges a piece.
   *
   * @param first index of its first element in the flattened tensor
   * @param count its elements
   * @param inputs_MN each model's values from that element on, in float32; they may be overwritten
   * @param result_N where the merged values go; it may be one of the inputs
   */
  void merge(long first, int count, float[][] inputs_MN, float[] result_N);
}
