package io.gemlab.tpu.hlo;

import java.util.EnumMap;
import java.util.Map;

/**
 * The least time a chip needs for a program: each kernel as long as its arithmetic or its memory
 * traffic takes, whichever is more, one after the other.
 *
 * <p>A bound, not a forecast: products run at the chip's bfloat16 rate whatever their type,
 * transcendentals are free, nothing waits for another chip.
 *
 * @param chip which
 * @param seconds the bound
 * @param arithmeticBound seconds of it in kernels that arithmetic bounds
 * @param parts seconds of each part of the model
 */
public record Roofline(
    Chip chip, double seconds, double arithmeticBound, Map<ModelPart, Double> parts) {

  /** The bound of a program on a chip. */
  public static Roofline of(HloCost cost, Chip chip) {
    Map<ModelPart, Double> parts = new EnumMap<>(ModelPart.class);
    double seconds = 0;
    double arithmeticBound = 0;
    for (HloCost.Kernel kernel : cost.kernels()) {
      double arithmetic = kernel.once().flops() / chip.flopsPerSecond();
      double memory = kernel.once().bytes() / chip.memoryBytesPerSecond();
      double takes = kernel.times() * Math.max(arithmetic, memory);
      seconds += takes;
      if (arithmetic > memory) arithmeticBound += takes;
      parts.merge(kernel.part(), takes, Double::sum);
    }
    return new Roofline(chip, seconds, arithmeticBound, parts);
  }

  /** The share of the chip's peak that the program reaches if it takes the bound. */
  public double utilization(HloCost cost) {
    return cost.total().matrixFlops() / (seconds * chip.flopsPerSecond());
  }
}
