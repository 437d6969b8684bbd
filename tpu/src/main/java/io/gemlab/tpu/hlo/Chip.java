package io.gemlab.tpu.hlo;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What one chip can do at most, as its maker publishes it.
 *
 * <p>Rates are those of bfloat16 products with dense operands. Links carry what a device can send
 * round a ring of devices: for a TPU one inter-chip link, both ways together, since a ring has two
 * directions; for a GPU its NVLink, one way, within a host.
 */
public enum Chip {
  V4(2.75e14, 32e9, 1.2e12, OptionalDouble.of(9e10)),
  V5E(1.97e14, 16e9, 8.1e11, OptionalDouble.of(9e10)),
  V5P(4.59e14, 96e9, 2.8e12, OptionalDouble.of(1.8e11)),
  V6E(9.2e14, 32e9, 1.6e12, OptionalDouble.of(1.8e11)),
  H100(9.9e14, 80e9, 3.35e12, OptionalDouble.of(4.5e11)),
  H200(9.9e14, 141e9, 4.8e12, OptionalDouble.of(4.5e11));

  private final double flopsPerSecond;
  private final double memoryBytes;
  private final double memoryBytesPerSecond;
  private final OptionalDouble ringBytesPerSecond;

  Chip(
      double flopsPerSecond,
      double memoryBytes,
      double memoryBytesPerSecond,
      OptionalDouble ringBytesPerSecond) {
    this.flopsPerSecond = flopsPerSecond;
    this.memoryBytes = memoryBytes;
    this.memoryBytesPerSecond = memoryBytesPerSecond;
    this.ringBytesPerSecond = ringBytesPerSecond;
  }

  /**
   * The chip of a name such as {@code v5p}.
   *
   * @throws InvalidInput if there is none
   */
  public static Chip of(String label) {
    return Arrays.stream(values())
        .filter(chip -> chip.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInput(
                    "chip "
                        + label
                        + " is not known; there is "
                        + Arrays.stream(values())
                            .map(Chip::label)
                            .collect(Collectors.joining(", "))));
  }

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
  public OptionalDouble ringBytesPerSecond() {
    return ringBytesPerSecond;
  }

  /** FLOPs a byte from which on a kernel is bound by arithmetic. */
  public double ridge() {
    return flopsPerSecond / memoryBytesPerSecond;
  }
}
