package io.gemlab.experiments.merge.run;

import io.gemlab.graph.base.files.Sha256;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/** SHA-256 of what is written, found on a thread of its own while more is made. */
final class OutputHash implements AutoCloseable {
  /** Pieces that may wait, which are copies. */
  private static final int WAITING = 4;

  private final Sha256.Pieces digest = new Sha256.Pieces();
  private final Semaphore room = new Semaphore(WAITING);
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("hash of the result").factory());

  /** Adds what is left of a buffer, which stays as it is and may be filled anew. */
  void add(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    room.acquireUninterruptibly();
    thread.execute(
        () -> {
          digest.add(copy);
          room.release();
        });
  }

  /** Waits for it: 64 hexadecimal digits; nothing can be added after. */
  String hex() {
    thread.close();
    return digest.hex();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
