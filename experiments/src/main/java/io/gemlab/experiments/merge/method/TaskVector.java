package io.gemlab.experiments.merge.method;

/** What one model's tensor is more than the base's, read piece by piece. */
final class TaskVector {
  private final TensorInputs inputs;
  private final int input;
  private final float[] base_N = new float[TensorInputs.PIECE];

  TaskVector(TensorInputs inputs, int input) {
    this.inputs = inputs;
    this.input = input;
  }

  TensorInputs inputs() {
    return inputs;
  }

  /** The model's place among the inputs. */
  int input() {
    return input;
  }

  long elements() {
    return inputs.elements();
  }

  /** Reads differences, no more than a piece. */
  void read(long first, int count, float[] target_N) {
    inputs.read(input, first, count, target_N);
    inputs.read(inputs.base().orElseThrow(), first, count, base_N);
    Differences.subtract(target_N, base_N, count);
    inputs.rounding().round(target_N, count);
  }

  /** Reads the magnitudes of differences. */
  void readMagnitudes(long first, int count, float[] target_N) {
    read(first, count, target_N);
    for (int i = 0; i < count; i++) target_N[i] = Math.abs(target_N[i]);
  }
}
