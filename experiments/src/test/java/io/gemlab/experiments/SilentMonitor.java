package io.gemlab.experiments;

import io.gemlab.experiments.run.RunMonitor;

/** Lets work run to its end, and says nothing of it. */
public class SilentMonitor implements RunMonitor {
  @Override
  public void worked(long units) {}

  @Override
  public void now(String what) {}

  @Override
  public void check() {}
}
