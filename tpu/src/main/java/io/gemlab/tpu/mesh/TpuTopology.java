package io.gemlab.tpu.mesh;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.pjrt.NamedValue;
import io.gemlab.tpu.pjrt.TopologySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A TPU slice by its name, such as {@code v5p:2x2x4}.
 *
 * @param generation of the chips
 * @param shape chips along each axis of the torus
 */
public record TpuTopology(Generation generation, List<Integer> shape) {

  /**
   * A TPU generation as libtpu has it. One device is one core, or the two cores of a chip together
   * where the compiler can drive them as one (v4's must be told to); its memory is what libtpu
   * 0.0.52 says that programs may use on the smallest slice (larger slices keep a little more for
   * themselves).
   */
  public enum Generation {
    V2(2, 2, 8_034_172_928L),
    V3(2, 2, 16_624_107_520L),
    V4(3, 1, 33_014_414_848L),
    V5E(2, 1, 16_909_336_064L),
    V5P(3, 1, 102_786_661_888L),
    V6E(2, 1, 33_546_042_880L),
    TPU7X(3, 2, 101_724_450_816L);

    private final int dimensions;
    private final int devicesPerChip;
    private final long memoryBytes;

    Generation(int dimensions, int devicesPerChip, long memoryBytes) {
      this.dimensions = dimensions;
      this.devicesPerChip = devicesPerChip;
      this.memoryBytes = memoryBytes;
    }

    /** The name before the colon. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    public int devicesPerChip() {
      return devicesPerChip;
    }

    /** What a chip is to a program, in words: {@code one device of 15.75 GiB}. */
    public String device() {
      double gib = memoryBytes / (double) (1L << 30);
      String cores =
          switch (this) {
            case V2, V3, TPU7X -> ", one a core";
            case V4, V5P -> ", its two cores driven as one";
            case V5E, V6E -> "";
          };
      return String.format(
          Locale.ROOT,
          "%s of %.2f GiB%s",
          devicesPerChip == 1 ? "one device" : "two devices",
          gib,
          cores);
    }

    /** Axes of the torus. */
    int dimensions() {
      return dimensions;
    }

    /** Bytes of HBM that a program may use of one device. */
    public long memoryBytes() {
      return memoryBytes;
    }
  }

  static final int MOST_CHIPS_A_SIDE = 64;

  public TpuTopology {
    shape = List.copyOf(shape);
  }

  /**
   * Reads a name of libtpu's, such as {@code v5p:2x4x4}, or of Google Cloud's, such as {@code
   * v5p-64}.
   *
   * @throws InvalidInput if it is none
   */
  public static TpuTopology parse(String name) {
    return CloudType.read(name).map(CloudType::topology).orElseGet(() -> ofShape(name));
  }

  private static TpuTopology ofShape(String name) {
    String[] parts = name.split(":", -1);
    Generation generation =
        Stream.of(Generation.values())
            .filter(known -> parts[0].equals(known.label()))
            .findFirst()
            .orElseThrow(
                () ->
                    new InvalidInput(
                        "topology "
                            + InvalidInput.shown(name)
                            + " names no TPU; there is "
                            + Stream.of(Generation.values())
                                .map(Generation::label)
                                .collect(Collectors.joining(", "))));
    List<Integer> shape = parts.length == 2 ? chips(parts[1]) : List.of();
    if (shape.size() != generation.dimensions) {
      throw new InvalidInput(
          "topology "
              + InvalidInput.shown(name)
              + " has no shape of "
              + generation.dimensions
              + " numbers from 1 to "
              + MOST_CHIPS_A_SIDE
              + "; give one such as "
              + generation.label()
              + (generation.dimensions == 2 ? ":2x2" : ":2x2x1")
              + CloudType.example(generation));
    }
    return new TpuTopology(generation, shape);
  }

  /** Empty if these are no such numbers. */
  private static List<Integer> chips(String shape) {
    try {
      List<Integer> chips = Arrays.stream(shape.split("x", -1)).map(Integer::valueOf).toList();
      return chips.stream().allMatch(number -> number > 0 && number <= MOST_CHIPS_A_SIDE)
          ? chips
          : List.of();
    } catch (NumberFormatException e) {
      return List.of();
    }
  }

  public int chips() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  public int devices() {
    return Math.multiplyExact(chips(), generation.devicesPerChip);
  }

  /** As libtpu wants it. A host of the three-dimensional generations has 2x2x1 chips otherwise. */
  public TopologySpec spec() {
    List<NamedValue> options = new ArrayList<>();
    if (generation == Generation.V4) {
      options.add(new NamedValue.Text("chip_config_name", "megacore"));
    }
    if (generation.dimensions == 3 && (shape.get(0) % 2 != 0 || shape.get(1) % 2 != 0)) {
      options.add(new NamedValue.Wholes("chips_per_host_bounds", List.of(1L, 1L, 1L)));
    }
    return new TopologySpec(toString(), options);
  }

  /** As it is read. */
  @Override
  public String toString() {
    return generation.label()
        + ":"
        + shape.stream().map(String::valueOf).collect(Collectors.joining("x"));
  }
}
