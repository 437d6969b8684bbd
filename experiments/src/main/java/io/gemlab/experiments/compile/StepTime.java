package io.gemlab.experiments.compile;

import io.gemlab.tpu.hlo.Chip;
import io.gemlab.tpu.hlo.HloKernel;
import io.gemlab.tpu.hlo.HloModule;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How long one run of a compiled program should take, by two rules.
 *
 * @param cycles seconds of the cycles that the compiler itself expects of its kernels, loops
 *     multiplied out; what it gives no cycles for (copies that run beside others) takes none. Empty
 *     where the compiler gives none, or the chip's clock is not known
 * @param roofline seconds of the compiler's kernels, each at the chip's published peak of
 *     arithmetic or of memory traffic, whichever takes longer: no program is faster. Empty where
 *     the chip's rates are not known
 */
record StepTime(OptionalDouble cycles, OptionalDouble roofline) {

  static StepTime of(HloModule optimized, Target target) {
    if (target.chip().isEmpty()) {
      return new StepTime(OptionalDouble.empty(), OptionalDouble.empty());
    }
    Chip chip = target.chip().get();
    List<HloKernel> kernels = HloKernel.of(optimized);
    double sum = kernels.stream().mapToDouble(kernel -> cycles(kernel).orElse(0)).sum();
    OptionalDouble clock = clock(chip);
    return new StepTime(
        sum > 0 && clock.isPresent()
            ? OptionalDouble.of(sum / clock.getAsDouble())
            : OptionalDouble.empty(),
        OptionalDouble.of(kernels.stream().mapToDouble(kernel -> kernel.seconds(chip)).sum()));
  }

  /** Cycles of all runs of a kernel. */
  static OptionalDouble cycles(HloKernel kernel) {
    return kernel.cycles().isPresent()
        ? OptionalDouble.of(kernel.cycles().getAsLong() * kernel.times())
        : OptionalDouble.empty();
  }

  /**
   * Cycles a second: what makes the chip's matrix units reach its published rate.
   *
   * @see <a href="https://jax-ml.github.io/scaling-book/tpus/">How to Scale Your Model, TPUs</a>
   */
  static OptionalDouble clock(Chip chip) {
    return switch (chip) {
      case V4 -> OptionalDouble.of(1.05e9);
      case V5E -> OptionalDouble.of(1.5e9);
      case V5P, V6E -> OptionalDouble.of(1.75e9);
      case H100, H200 -> OptionalDouble.empty();
    };
  }

  /** What it is predicted to take: by the compiler's cycles, or else by the roofline. */
  OptionalDouble predicted() {
    return cycles.isPresent() ? cycles : roofline;
  }

  /** By which rule {@link #predicted} is. */
  String rule() {
    return cycles.isPresent() ? "the compiler's own cycles" : "the roofline";
  }
}
