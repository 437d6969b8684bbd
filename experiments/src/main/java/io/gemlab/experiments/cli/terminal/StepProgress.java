package io.gemlab.experiments.cli.terminal;

import io.gemlab.experiments.program.TimedComparison;
import java.util.function.Consumer;

/** Steps on a progress bar: what begins is said, and what was before it is done. */
public final class StepProgress implements Consumer<String>, TimedComparison.Listener {
  private final Progress progress;
  private long begun;

  public StepProgress(Progress progress) {
    this.progress = progress;
  }

  @Override
  public void accept(String what) {
    progress.at(begun++);
    progress.now(what);
  }

  @Override
  public void step(String what) {
    accept(what);
  }

  @Override
  public void waits() {
    progress.now(TimedComparison.WAITING);
  }
}
