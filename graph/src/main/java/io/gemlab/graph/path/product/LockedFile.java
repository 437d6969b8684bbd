package io.gemlab.graph.path.product;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/** A file that several processes add to: one reads and replaces it at a time. */
final class LockedFile {
  /** The system's locks are a process's, and its threads don't wait for each other by them. */
  private static final ReentrantLock PROCESS = new ReentrantLock();

  private LockedFile() {}

  /** What is done meanwhile. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException;
  }

  /**
   * Works when no other process does.
   *
   * @throws IOException if the work does, or the file's folder can't be written to or has no locks
   */
  static void during(Path file, Work work) throws IOException {
    PROCESS.lock();
    try {
      Path lock = lock(file);
      Files.createDirectories(lock.getParent());
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        work.run();
      }
    } finally {
      PROCESS.unlock();
    }
  }

  /** An empty file beside it; it stays. */
  static Path lock(Path file) {
    Path place = file.toAbsolutePath();
    return place.resolveSibling("." + place.getFileName() + ".lock");
  }
}
