package io.gemlab.experiments.train;

import java.util.List;

/**
 * The updates of a step that would be rounded away if weights were stored in bfloat16.
 *
 * @param tensors the trained tensors, in their order
 */
public record LostUpdates(List<Tensor> tensors) {
  public LostUpdates {
    tensors = List.copyOf(tensors);
  }

  /**
   * One tensor's.
   *
   * @param name the tensor's
   * @param moved how many of its numbers the step moves
   * @param lost how many of these bfloat16 would leave where they were
   */
  public record Tensor(String name, long moved, long lost) {
    /** The share of moves that would be lost; 0 where nothing moved. */
    public double share() {
      return moved == 0 ? 0 : (double) lost / moved;
    }
  }

  /** The share of all tensors' moves that would be lost; 0 where nothing moved. */
  public double share() {
    long moved = tensors.stream().mapToLong(Tensor::moved).sum();
    long lost = tensors.stream().mapToLong(Tensor::lost).sum();
    return new Tensor("all", moved, lost).share();
  }
}
