package io.gemlab.graph.base.checkpoint;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Writes to a file on a thread of its own while the next bytes are made, in a few buffers in turn.
 */
final class WriteBehind implements AutoCloseable {
  private static final int BUFFERS = 4;

  private final FileChannel channel;
  private final Consumer<ByteBuffer> seen;
  private final Arena arena = Arena.ofShared();
  private final BlockingQueue<MemorySegment> free = new LinkedBlockingQueue<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("writes a file").factory());
  private volatile Throwable failure;

  /**
   * @param seen is shown all that is written, in order, on the thread that writes
   * @param bufferBytes of each buffer
   */
  WriteBehind(FileChannel channel, Consumer<ByteBuffer> seen, long bufferBytes) {
    this.channel = channel;
    this.seen = seen;
    for (int i = 0; i < BUFFERS; i++) free.add(arena.allocate(bufferBytes));
  }

  /**
   * Gives a buffer to fill and to {@link #write}; waits for one.
   *
   * @throws IOException if something before couldn't be written
   */
  MemorySegment buffer() throws IOException {
    try {
      MemorySegment buffer = free.take();
      requireWritten();
      return buffer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped while writing");
    }
  }

  /** Writes the first bytes of a buffer to a place in the file, and returns at once. */
  void write(MemorySegment buffer, long bytes, long position) {
    thread.execute(
        () -> {
          try {
            if (failure == null) put(buffer.asSlice(0, bytes).asByteBuffer(), position);
          } catch (IOException | RuntimeException | Error e) {
            failure = e;
          } finally {
            free.add(buffer);
          }
        });
  }

  private void put(ByteBuffer bytes, long position) throws IOException {
    seen.accept(bytes.asReadOnlyBuffer());
    long at = position;
    while (bytes.hasRemaining()) at += channel.write(bytes, at);
  }

  /**
   * Waits until all is written.
   *
   * @throws IOException if something couldn't be
   */
  void finish() throws IOException {
    thread.close();
    requireWritten();
  }

  private void requireWritten() throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  /** Waits for what is being written, and frees the buffers. */
  @Override
  public void close() {
    thread.close();
    arena.close();
  }
}
