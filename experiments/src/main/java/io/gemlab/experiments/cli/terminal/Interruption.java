package io.gemlab.experiments.cli.terminal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ctrl-C or SIGTERM as a request: where work would be lost, the process lives until that has put
 * its state on disk, or until patience ends; where none would, it ends at once.
 */
public final class Interruption implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::interrupt, "interruption");
  private final Runnable farewell;
  private final AtomicBoolean said = new AtomicBoolean();
  private volatile boolean requested;
  private volatile boolean unsaved;

  /**
   * @param farewell says that the work was stopped
   */
  public Interruption(Runnable farewell) {
    this.farewell = farewell;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  public boolean requested() {
    return requested;
  }

  /** Tells whether the work has come to something that is not on disk yet. */
  public void unsaved(boolean any) {
    unsaved = any;
  }

  /** Says, once, that the work was stopped, behind the last of any progress bar. */
  public void sayFarewell() {
    if (said.getAndSet(true)) return;
    Progress.closeAll();
    farewell.run();
  }

  private void interrupt() {
    requested = true;
    if (!unsaved) {
      if (done.getCount() > 0) sayFarewell();
      return;
    }
    try {
      // The work ends, and the process with it, once this latch is down.
      done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    done.countDown();
    if (requested) return;
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs and finds the latch down.
    }
  }
}
