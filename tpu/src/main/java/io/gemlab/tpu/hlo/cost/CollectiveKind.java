package io.gemlab.tpu.hlo.cost;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** How devices exchange data. */
public enum CollectiveKind {
  /** Each gets the sum of all. */
  ALL_REDUCE,
  /** Each gets the pieces of all. */
  ALL_GATHER,
  /** Each gets its piece of the sum of all. */
  REDUCE_SCATTER,
  /** Each gets a piece of each. */
  ALL_TO_ALL,
  /** Each hands its piece to one other. */
  COLLECTIVE_PERMUTE;

  /** The name in programs and reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What an opcode starts or does at once; empty where it does not communicate. */
  static Optional<CollectiveKind> of(String opcode) {
    return Stream.of(values())
        .filter(kind -> opcode.equals(kind.label()) || opcode.equals(kind.label() + "-start"))
        .findFirst();
  }

  /**
   * What a device sends, in bytes, when the devices of a group stand in a ring.
   *
   * <p>All-to-all takes the shorter way round, n / 4 hops on average, with all of a device's data
   * but its own piece.
   *
   * @param bytes of what each device puts in
   * @param group devices of a group
   */
  double ringBytes(double bytes, int group) {
    double others = group - 1.0;
    return switch (this) {
      case ALL_REDUCE -> 2 * bytes * others / group;
      case ALL_GATHER -> bytes * others;
      case REDUCE_SCATTER -> bytes * others / group;
      case ALL_TO_ALL -> bytes * Math.max(others / group, group / 4.0);
      // One neighbour, so one of a ring's two directions.
      case COLLECTIVE_PERMUTE -> 2 * bytes;
    };
  }
}
