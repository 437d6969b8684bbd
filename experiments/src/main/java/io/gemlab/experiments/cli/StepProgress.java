package io.gemlab.experiments.cli;

import java.util.function.Consumer;

/** Steps on a progress bar: what begins is said, and what was before it is done. */
final class StepProgress implements Consumer<String> {
  private final Progress progress;
  private long begun;

  StepProgress(Progress progress) {
    this.progress = progress;
  }

  @Override
  public void accept(String what) {
    progress.at(begun++);
    progress.now(what);
  }
}
