package io.gemlab.graph.path.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads that share a kernel's rows with the thread that calls it: together as many as sessions
 * have.
 *
 * <p>A step of a model calls hundreds of kernels a few microseconds apart, too short for sleeping
 * and waking: a thread that has finished looks for more work for a while before it sleeps.
 */
final class Workers {
  /** Rounds of looking for work before sleeping: some tens of microseconds. */
  private static final int PATIENCE = 2_000;

  /** How many times as many pieces as threads what is left is cut into. */
  private static final int SHARE = 2;

  static final Workers SHARED = new Workers(Runtime.getRuntime().availableProcessors() - 1);

  private final Worker[] workers;
  private final ReentrantLock one = new ReentrantLock();
  private volatile Job job = new Job(0, 1, 1, (from, to) -> {});

  /** Work on a range of rows. */
  @FunctionalInterface
  interface Rows {
    void work(int from, int to);
  }

  private Workers(int count) {
    workers = new Worker[count];
    for (int i = 0; i < count; i++) {
      workers[i] = new Worker();
      Thread thread = Thread.ofPlatform().name("gemlab-kernel-" + i).daemon().unstarted(workers[i]);
      workers[i].thread = thread;
      thread.start();
    }
  }

  /** How many threads share work, the caller's among them. */
  int threads() {
    return workers.length + 1;
  }

  /** How many rows of a width have so many elements: one at least. */
  static int rows(int elements, int width) {
    return Math.max(1, elements / Math.max(1, width));
  }

  /**
   * Works on all rows and returns when that is done. Kernels that are called at the same time wait
   * for each other: together they would be more threads than there are cores.
   *
   * @param least the fewest rows that a thread takes at once, but for the last
   */
  void share(int rows, int least, Rows work) {
    one.lock();
    try {
      Job shared = new Job(rows, least, SHARE * (workers.length + 1), work);
      offer(shared, (rows - 1) / least);
      shared.help();
      shared.await();
    } finally {
      one.unlock();
    }
  }

  private void offer(Job shared, int helpers) {
    if (helpers == 0) return;
    job = shared;
    for (int i = 0; i < Math.min(helpers, workers.length); i++) {
      if (workers[i].sleeps) LockSupport.unpark(workers[i].thread);
    }
  }

  /**
   * Rows to be worked on. Memory is read best in long stretches, and threads finish together when
   * the last pieces are short: each piece is a share of what is left.
   */
  private static final class Job {
    private final int rows;
    private final int least;
    private final int shares;
    private final Rows work;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger left;
    private volatile Throwable failure;

    private Job(int rows, int least, int shares, Rows work) {
      this.rows = rows;
      this.least = least;
      this.shares = shares;
      this.work = work;
      this.left = new AtomicInteger(rows);
    }

    /** Takes pieces until there are no more. */
    private void help() {
      while (true) {
        int from = next.get();
        if (from >= rows) return;
        int to = Math.min(rows, from + Math.max(least, (rows - from) / shares));
        if (!next.compareAndSet(from, to)) continue;
        try {
          work.work(from, to);
        } catch (Throwable e) {
          failure = e;
        }
        left.addAndGet(from - to);
      }
    }

    /** Waits for those who still have a piece. */
    private void await() {
      for (int i = 0; left.get() > 0; i++) {
        // One that lost its core to another thread gets it back sooner by a yield.
        if (i < PATIENCE) Thread.onSpinWait();
        else Thread.yield();
      }
      if (failure != null) throw new IllegalStateException(failure);
    }
  }

  private final class Worker implements Runnable {
    private Thread thread;
    private volatile boolean sleeps;

    @Override
    public void run() {
      Job done = job;
      while (true) {
        Job found = await(done);
        found.help();
        done = found;
      }
    }

    private Job await(Job done) {
      for (int i = 0; i < PATIENCE; i++) {
        Job found = job;
        if (found != done) return found;
        Thread.onSpinWait();
      }
      sleeps = true;
      try {
        while (job == done) LockSupport.park(this);
        return job;
      } finally {
        sleeps = false;
      }
    }
  }
}
