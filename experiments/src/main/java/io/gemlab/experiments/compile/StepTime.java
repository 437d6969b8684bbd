package io.gemlab.experiments.compile;

import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.cost.Chip;
import io.gemlab.tpu.hlo.cost.HloCollective;
import io.gemlab.tpu.hlo.cost.HloKernel;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How long one run of a compiled program should take, by two rules.
 *
 * @param cycles seconds of the cycles that the compiler itself expects of its kernels, loops
 *     multiplied out; a kernel without cycles takes its roofline, what runs beside others nothing.
 *     Empty where the compiler gives no cycles, or the chip's clock is not known
 * @param filled seconds of {@code cycles} that are the roofline of kernels without cycles
 * @param roofline seconds of the compiler's kernels, each at the chip's published peak of
 *     arithmetic or of memory traffic, whichever takes longer: no program is faster. Empty where
 *     the chip's rates are not known
 * @param communication seconds of all collectives, one after the other, each in a ring at the
 *     published rate of one link; 0 where the chip's rates are not known
 */
record StepTime(
    OptionalDouble cycles, double filled, OptionalDouble roofline, double communication) {

  /**
   * Adds up a compiled program.
   *
   * @param known what it runs on, where its rates are known
   */
  static StepTime of(HloModule optimized, Optional<Chip> known) {
    if (known.isEmpty()) {
      return new StepTime(OptionalDouble.empty(), 0, OptionalDouble.empty(), 0);
    }
    Chip chip = known.get();
    List<HloKernel> kernels = HloKernel.of(optimized);
    OptionalDouble roofline =
        OptionalDouble.of(kernels.stream().mapToDouble(kernel -> kernel.seconds(chip)).sum());
    boolean anyCycles = kernels.stream().anyMatch(kernel -> kernel.cycles().isPresent());
    double communication =
        HloCollective.of(optimized).stream()
            .mapToDouble(collective -> collective.seconds(chip))
            .sum();
    if (!anyCycles || chip.clockHz().isEmpty()) {
      return new StepTime(OptionalDouble.empty(), 0, roofline, communication);
    }
    return new StepTime(
        OptionalDouble.of(kernels.stream().mapToDouble(kernel -> byCycles(kernel, chip)).sum()),
        kernels.stream()
            .filter(kernel -> kernel.cycles().isEmpty())
            .mapToDouble(kernel -> byCycles(kernel, chip))
            .sum(),
        roofline,
        communication);
  }

  /** Seconds of all runs of a kernel, by the rule of {@link #predicted}. */
  double seconds(HloKernel kernel, Chip chip) {
    return cycles.isPresent() ? byCycles(kernel, chip) : kernel.seconds(chip);
  }

  private static double byCycles(HloKernel kernel, Chip chip) {
    if (kernel.cycles().isPresent()) {
      return kernel.times() * kernel.cycles().getAsLong() / chip.clockHz().orElseThrow();
    }
    return kernel.isAsynchronous() ? 0 : kernel.seconds(chip);
  }

  /** What a device's own work takes: by the compiler's cycles, or else by the roofline. */
  OptionalDouble computation() {
    return cycles.isPresent() ? cycles : roofline;
  }

  /** What it is predicted to take when no collective overlaps with other work. */
  OptionalDouble predicted() {
    return computation().isPresent()
        ? OptionalDouble.of(computation().getAsDouble() + communication)
        : OptionalDouble.empty();
  }

  /** What it takes when all collectives overlap with other work. */
  OptionalDouble overlapped() {
    return computation().isPresent()
        ? OptionalDouble.of(Math.max(computation().getAsDouble(), communication))
        : OptionalDouble.empty();
  }

  /** By which rule {@link #predicted} is. */
  String rule() {
    String computation = cycles.isPresent() ? "the compiler's own cycles" : "the roofline";
    return communication == 0 ? computation : computation + " and the links' rate";
  }
}
