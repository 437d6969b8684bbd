package io.gemlab.experiments.ablate;

import io.gemlab.experiments.SilentMonitor;

/** Adds up what an ablation says of its work; it may stop after so many training steps. */
final class Counting extends SilentMonitor {
  private final int allowed;
  private final boolean trainingAlone;
  private int steps;

  /** What was done. */
  long units;

  /** What was added to the work that was announced at first. */
  long announced;

  /** Stops nothing. */
  Counting() {
    this(false);
  }

  /**
   * @param trainingAlone whether to stop where training is done
   */
  Counting(boolean trainingAlone) {
    this(Integer.MAX_VALUE, trainingAlone);
  }

  /** Stops after so many training steps. */
  Counting(int allowed) {
    this(allowed, false);
  }

  private Counting(int allowed, boolean trainingAlone) {
    this.allowed = allowed;
    this.trainingAlone = trainingAlone;
  }

  @Override
  public void now(String what) {
    if (trainingAlone && what.endsWith(", training step")) throw new Stopped();
  }

  @Override
  public void worked(long done) {
    units += done;
    if (done == 1) steps++;
  }

  @Override
  public void announced(long more) {
    announced += more;
  }

  @Override
  public void check() {
    if (steps >= allowed) throw new Stopped();
  }
}
