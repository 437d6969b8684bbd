package io.gemlab.graph.base.text;

import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Keeps a native object from being used after it was freed: many threads may use it at once, and
 * closing waits for them. A native library would read freed memory instead.
 */
final class NativeGuard implements AutoCloseable {
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Runnable free;
  private boolean closed;

  NativeGuard(Runnable free) {
    this.free = free;
  }

  <T> T use(Supplier<T> action) {
    lock.readLock().lock();
    try {
      if (closed) throw new IllegalStateException("The tokenizer is closed");
      return action.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) free.run();
      closed = true;
    } finally {
      lock.writeLock().unlock();
    }
  }
}
