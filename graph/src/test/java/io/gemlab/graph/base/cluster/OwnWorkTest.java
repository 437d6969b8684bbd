package io.gemlab.graph.base.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Looked at once a second, of a clock of our own, for an hour. */
final class OwnWorkTest {
  private static final int HOUR = 3600;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /**
   * The second in which a process is first seen to hang.
   *
   * @param piece of work, by the second
   * @param used ms of processor time, by the second
   */
  private static OptionalInt hangs(
      IntStream looks, IntToLongFunction piece, IntToLongFunction used) {
    OwnWork work = OwnWork.NONE;
    for (int second : looks.toArray()) {
      long now = Duration.ofSeconds(second).toNanos();
      long processor = Duration.ofMillis(used.applyAsLong(second)).toNanos();
      work = work.after(piece.applyAsLong(second), now, processor, PATIENCE);
      if (work.hangs(PATIENCE)) return OptionalInt.of(second);
    }
    return OptionalInt.empty();
  }

  private static IntStream everySecond() {
    return IntStream.range(0, HOUR);
  }

  /** Seen first at 100 s. */
  @Test
  void oneThatUsesNextToNoProcessorTimeHangs() {
    assertEquals(OptionalInt.of(120), hangs(everySecond(), s -> s < 100 ? 0 : 7, s -> 5L * s));
  }

  @Test
  void oneThatStopsComputingHangsFromThenOn() {
    assertEquals(OptionalInt.of(520), hangs(everySecond(), _ -> 7, s -> Math.min(s, 500) * 1000L));
  }

  /** A fortieth of a core is a starved one. */
  @Test
  void oneThatComputesIsSlow() {
    assertEquals(OptionalInt.empty(), hangs(everySecond(), _ -> 7, s -> 25L * s));
  }

  /** It reads or waits, and each of its steps comes to an end. */
  @Test
  void oneThatBeginsAnotherPieceGetsOn() {
    assertEquals(OptionalInt.empty(), hangs(everySecond(), s -> 1 + s / 19, _ -> 0));
  }

  /** A checkpoint, say, or waiting for another worker's. */
  @Test
  void nobodyHangsElsewhere() {
    assertEquals(OptionalInt.empty(), hangs(everySecond(), _ -> 0, _ -> 0));
  }

  /** As a whole, it was stopped from the 15th second to the 1000th, and hangs only then. */
  @Test
  void whoSleptHasNotHungMeanwhile() {
    assertEquals(
        OptionalInt.of(1020),
        hangs(everySecond().filter(s -> s < 15 || s >= 1000), _ -> 7, _ -> 0));
  }
}
