package io.gemlab.tpu.mesh;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.mesh.TpuTopology.Generation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A TPU slice by Google Cloud's name, such as {@code v5p-64}: the number counts TensorCores, two a
 * chip, up to v4 and for v5p, and chips for v5e (also called {@code v5litepod}) and v6e.
 *
 * <p>Slices of the two-dimensional generations have a power of two of chips, as square as can be;
 * of the three-dimensional ones 4, 8, 16, 32, or a multiple of 64 chips whose axes are multiples of
 * 4, as near to a cube as can be.
 *
 * @param generation of the chips
 * @param label what stands before the number
 * @param number as Google Cloud counts
 * @see <a href="https://cloud.google.com/tpu/docs/v5p">TPU v5p, accelerator types</a>
 */
record CloudType(Generation generation, String label, int number) {
  private static final Pattern NAME = Pattern.compile("([a-z0-9]+)-([0-9]{1,6})");
  private static final String LITE = "v5litepod";

  /** A block of a three-dimensional pod: chips along an axis, and in it. */
  private static final int BLOCK_SIDE = 4;

  private static final int BLOCK = BLOCK_SIDE * BLOCK_SIDE * BLOCK_SIDE;

  /** The name as Google Cloud's; empty if it is no such name of a generation counted so. */
  static Optional<CloudType> read(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) return Optional.empty();
    String label = matcher.group(1);
    int number = Integer.parseInt(matcher.group(2));
    for (Generation generation : Generation.values()) {
      if (cores(generation) > 0
          && (label.equals(generation.label()) || isLite(label, generation))) {
        return Optional.of(new CloudType(generation, label, number));
      }
    }
    return Optional.empty();
  }

  /** Whether it is the other word for v5e. */
  static boolean isLite(String label, Generation generation) {
    return generation == Generation.V5E && label.equals(LITE);
  }

  /** How a generation's slices are also called, for a message. */
  static String example(Generation generation) {
    if (cores(generation) == 0) return "";
    String label = generation == Generation.V5E ? LITE : generation.label();
    return " or, as Google Cloud has it, %s-%d".formatted(label, 4 * cores(generation));
  }

  /** What the number counts of a chip; 0 where Google Cloud has no such names. */
  private static int cores(Generation generation) {
    return switch (generation) {
      case V2, V3, V4, V5P -> 2;
      case V5E, V6E -> 1;
      case TPU7X -> 0;
    };
  }

  /** Chips of the largest slice. */
  private static int most(Generation generation) {
    return switch (generation) {
      case V2, V5E, V6E -> 256;
      case V3 -> 1024;
      case V4 -> 4096;
      case V5P -> 6144;
      case TPU7X -> 0;
    };
  }

  /**
   * Its chips along each axis.
   *
   * @throws InvalidInput if there is no such slice; it names the nearest
   */
  TpuTopology topology() {
    Optional<TpuTopology> topology =
        number % cores(generation) == 0 ? slice(number / cores(generation)) : Optional.empty();
    return topology.orElseThrow(
        () ->
            new InvalidInput(
                "%s-%d is no slice that Google Cloud has; nearest to it: %s"
                    .formatted(label, number, String.join(" and ", nearest()))));
  }

  private Optional<TpuTopology> slice(int chips) {
    if (chips < 1 || chips > most(generation)) return Optional.empty();
    List<Integer> shape = generation.dimensions() == 2 ? flat(chips) : solid(chips);
    return shape.isEmpty() ? Optional.empty() : Optional.of(new TpuTopology(generation, shape));
  }

  private static List<Integer> flat(int chips) {
    if (Integer.bitCount(chips) != 1 || chips == 2) return List.of();
    int narrow = 1 << (Integer.numberOfTrailingZeros(chips) / 2);
    return List.of(narrow, chips / narrow);
  }

  private static List<Integer> solid(int chips) {
    return switch (chips) {
      case 4 -> List.of(2, 2, 1);
      case 8 -> List.of(2, 2, 2);
      case 16 -> List.of(2, 2, 4);
      case 32 -> List.of(2, 4, 4);
      default -> chips % BLOCK == 0 ? blocks(chips / BLOCK) : List.of();
    };
  }

  /** Blocks as near to a cube as can be: with the smallest surface. */
  private static List<Integer> blocks(int count) {
    List<List<Integer>> shapes = new ArrayList<>();
    for (int a = 1; a * a * a <= count; a++) {
      for (int b = a; a * b * b <= count; b++) {
        if (count % (a * b) == 0) shapes.add(List.of(a, b, count / (a * b)));
      }
    }
    return shapes.stream()
        .filter(sides -> sides.get(2) * BLOCK_SIDE <= TpuTopology.MOST_CHIPS_A_SIDE)
        .min(Comparator.comparingInt(CloudType::surface))
        .map(sides -> sides.stream().map(side -> side * BLOCK_SIDE).toList())
        .orElse(List.of());
  }

  private static int surface(List<Integer> sides) {
    return sides.get(0) * sides.get(1) + (sides.get(0) + sides.get(1)) * sides.get(2);
  }

  /** The next smaller and the next larger slice, with their topologies. */
  private List<String> nearest() {
    int chips = number / cores(generation);
    List<String> nearest = new ArrayList<>();
    IntStream.iterate(chips, smaller -> smaller > 0, smaller -> smaller - 1)
        .mapToObj(this::slice)
        .flatMap(Optional::stream)
        .findFirst()
        .ifPresent(slice -> nearest.add(named(slice)));
    IntStream.rangeClosed(chips + 1, most(generation))
        .mapToObj(this::slice)
        .flatMap(Optional::stream)
        .findFirst()
        .ifPresent(slice -> nearest.add(named(slice)));
    return nearest;
  }

  private String named(TpuTopology slice) {
    return "%s-%d (%s)".formatted(label, slice.chips() * cores(generation), slice);
  }
}
