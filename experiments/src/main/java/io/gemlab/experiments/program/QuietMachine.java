package io.gemlab.experiments.program;

import io.gemlab.reports.record.Turn;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Waits until other work on the machine pauses, while what is measured waits too. A wait in vain
 * halves the patience for the next one, and one that was not restores it: under a steady load
 * measurements soon go on, disturbed.
 */
public final class QuietMachine {
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final int MOST_LOOKS = 50;

  private final BooleanSupplier disturbed;
  private int patience = MOST_LOOKS;

  /** Of this machine. One is shared by all comparisons of a study. */
  public QuietMachine() {
    this(QuietMachine::look);
  }

  /** Of a machine that is taken as it is, where no time is compared. */
  public static QuietMachine unawaited() {
    return new QuietMachine(() -> false);
  }

  /**
   * @param disturbed looks for a while, and tells whether others were at work
   */
  QuietMachine(BooleanSupplier disturbed) {
    this.disturbed = disturbed;
  }

  /**
   * Waits.
   *
   * @throws InterruptedException if the thread was interrupted
   */
  void await() throws InterruptedException {
    for (int look = 0; look < patience; look++) {
      boolean noisy = disturbed.getAsBoolean();
      if (Thread.interrupted()) throw new InterruptedException();
      if (!noisy) {
        patience = MOST_LOOKS;
        return;
      }
    }
    patience = Math.max(1, patience / 2);
  }

  private static boolean look() {
    ProcessorWatch watch = new ProcessorWatch(ProcessorWatch.PROC);
    try {
      Thread.sleep(LOOK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Turn.Builder turn = Turn.newBuilder();
    watch.end(turn);
    return turn.getDisturbed();
  }
}
