package io.gemlab.experiments.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How fast a machine copies a large buffer, every core its own part.
 *
 * @param bytes of the buffer; beyond the caches, or it is their rate
 * @param threads how many copy at once
 */
record CopyRate(long bytes, int threads) {
  private static final Duration LEAST = Duration.ofMillis(500);

  /** Each byte is read once and written once. */
  double traffic() {
    return 2.0 * bytes;
  }

  /** Bytes a second, read and written ones both counted, of the best of several copies. */
  double measure() {
    try (Arena arena = Arena.ofShared();
        ExecutorService workers = Executors.newFixedThreadPool(threads)) {
      MemorySegment from = arena.allocate(bytes, 64).fill((byte) 1);
      MemorySegment to = arena.allocate(bytes, 64).fill((byte) 2);
      List<Callable<MemorySegment>> parts = new ArrayList<>();
      for (int part = 0; part < threads; part++) {
        long begin = bytes * part / threads;
        long length = bytes * (part + 1) / threads - begin;
        parts.add(() -> to.asSlice(begin, length).copyFrom(from.asSlice(begin, length)));
      }
      return traffic() / BestTime.seconds(() -> runAll(workers, parts), LEAST);
    }
  }

  private static void runAll(ExecutorService workers, List<Callable<MemorySegment>> parts) {
    try {
      for (Future<MemorySegment> part : workers.invokeAll(parts)) part.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while copying", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("copying failed", e.getCause());
    }
  }
}
