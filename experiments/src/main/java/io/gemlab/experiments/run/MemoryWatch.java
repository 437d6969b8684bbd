package io.gemlab.experiments.run;

import io.gemlab.graph.base.process.ProcessMemory;

/**
 * The most memory that this process has held since the watch began, by kind, looked at fifty times
 * a second: Linux keeps a peak of the sum only.
 */
public final class MemoryWatch implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 20;

  private final Thread watcher =
      Thread.ofPlatform().daemon().name("memory-watch").unstarted(this::watch);
  private long anonymous;
  private long mapped;

  public MemoryWatch() {
    look();
    watcher.start();
  }

  /** Bytes of no file: what the process asked for. 0 where the system does not tell. */
  public synchronized long anonymous() {
    return anonymous;
  }

  /** Bytes of mapped files, which the system may drop and read again. */
  public synchronized long mapped() {
    return mapped;
  }

  private synchronized void look() {
    anonymous = Math.max(anonymous, ProcessMemory.anonymous().orElse(0));
    mapped = Math.max(mapped, ProcessMemory.mapped().orElse(0));
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(INTERVAL_MILLIS);
        look();
      }
    } catch (InterruptedException e) {
      // The watch is over.
    }
  }

  @Override
  public void close() {
    watcher.interrupt();
  }
}
