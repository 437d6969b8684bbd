package io.gemlab.experiments.machine;

import java.time.Duration;

/** The shortest of several calls: what a machine can do, where a median says what it does. */
final class BestTime {
  private static final int LEAST_CALLS = 3;

  private BestTime() {}

  /**
   * Calls {@code work} once to warm up, then three times or more, until {@code least} has passed.
   *
   * @return seconds of the shortest call
   */
  static double seconds(Runnable work, Duration least) {
    work.run();
    long begin = System.nanoTime();
    long shortest = Long.MAX_VALUE;
    for (int call = 0; call < LEAST_CALLS || System.nanoTime() - begin < least.toNanos(); call++) {
      long start = System.nanoTime();
      work.run();
      shortest = Math.min(shortest, System.nanoTime() - start);
    }
    return shortest / 1e9;
  }
}
