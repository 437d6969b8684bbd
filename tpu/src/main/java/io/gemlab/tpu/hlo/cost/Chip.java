package io.gemlab.tpu.hlo.cost;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What one chip can do at most, as published; the figures are as of November 2026.
 *
 * <p>Rates are those of bfloat16 products with dense operands. Links carry what a device can send
 * round a ring of devices: for a TPU one inter-chip link, both directions together, since a ring
 * has two; for a GPU its NVLink in one direction, within a host.
 *
 * @see <a href="https://jax-ml.github.io/scaling-book/tpus/">TPUs: How to Scale Your Model, part 2,
 *     TPU specs (Google DeepMind)</a>
 * @see <a href="https://jax-ml.github.io/scaling-book/gpus/">GPUs: the same, part 12, GPU specs</a>
 * @see <a href="https://www.nvidia.com/en-us/data-center/h100/">NVIDIA H100: SXM</a>
 * @see <a href="https://www.nvidia.com/en-us/data-center/h200/">NVIDIA H200: SXM</a>
 */
public enum Chip {
  V4(2.75e14, 32e9, 1.2e12, 9e10, OptionalDouble.of(1.05e9)),
  V5E(1.97e14, 16e9, 8.1e11, 9e10, OptionalDouble.of(1.5e9)),
  V5P(4.59e14, 96e9, 2.8e12, 1.8e11, OptionalDouble.of(1.75e9)),
  V6E(9.2e14, 32e9, 1.6e12, 1.8e11, OptionalDouble.of(1.75e9)),
  H100(9.9e14, 80e9, 3.35e12, 4.5e11, OptionalDouble.empty()),
  H200(9.9e14, 141e9, 4.8e12, 4.5e11, OptionalDouble.empty());

  private final double flopsPerSecond;
  private final double memoryBytes;
  private final double memoryBytesPerSecond;
  private final double ringBytesPerSecond;
  private final OptionalDouble clockHz;

  Chip(
      double flopsPerSecond,
      double memoryBytes,
      double memoryBytesPerSecond,
      double ringBytesPerSecond,
      OptionalDouble clockHz) {
    this.flopsPerSecond = flopsPerSecond;
    this.memoryBytes = memoryBytes;
    this.memoryBytesPerSecond = memoryBytesPerSecond;
    this.ringBytesPerSecond = ringBytesPerSecond;
    this.clockHz = clockHz;
  }

  /** The chip of a name such as {@code v5p}, if its figures are known. */
  public static Optional<Chip> find(String label) {
    return Arrays.stream(values()).filter(chip -> chip.label().equals(label)).findFirst();
  }

  /** The name on the command line and in reports, such as {@code v5p}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** bfloat16 FLOP/s. */
  public double flopsPerSecond() {
    return flopsPerSecond;
  }

  /** Bytes of HBM. */
  public double memoryBytes() {
    return memoryBytes;
  }

  /** Bytes a second to and from HBM. */
  public double memoryBytesPerSecond() {
    return memoryBytesPerSecond;
  }

  /** Bytes a second that a device sends round a ring of devices. */
  public double ringBytesPerSecond() {
    return ringBytesPerSecond;
  }

  /**
   * Cycles a second, for compilers that estimate in cycles: the clock at which the matrix units
   * reach {@link #flopsPerSecond}. Empty for GPUs, whose compiler gives no cycles.
   */
  public OptionalDouble clockHz() {
    return clockHz;
  }
}
