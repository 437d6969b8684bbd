package io.gemlab.tpu.hlo;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The least time a chip needs for a program: each kernel as long as its arithmetic or its memory
 * traffic takes, whichever is more, one after the other.
 *
 * <p>A bound, not a forecast: all arithmetic runs at the chip's bfloat16 rate of products,
 * transcendentals are free, nothing waits for another chip.
 *
 * @param seconds the bound
 * @param arithmeticBound seconds of it in kernels that arithmetic bounds
 * @param utilization the share of the chip's peak that matrix products then reach
 * @param parts seconds of each part of the model
 */
public record Roofline(
    double seconds, double arithmeticBound, double utilization, Map<ModelPart, Double> parts) {

  static Roofline of(List<CostItem> items, Chip chip) {
    Map<ModelPart, Double> parts = new EnumMap<>(ModelPart.class);
    double seconds = 0;
    double arithmeticBound = 0;
    double matrixFlops = 0;
    for (CostItem item : items) {
      double takes = item.seconds(chip);
      seconds += takes;
      if (item.isArithmeticBound(chip)) arithmeticBound += takes;
      matrixFlops += item.times() * item.own().matrixFlops();
      parts.merge(item.part(), takes, Double::sum);
    }
    double utilization = seconds == 0 ? 0 : matrixFlops / (seconds * chip.flopsPerSecond());
    return new Roofline(seconds, arithmeticBound, utilization, parts);
  }
}
