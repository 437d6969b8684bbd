package io.gemlab.experiments.cli.terminal;

import io.gemlab.graph.weights.LoadProgress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A progress bar of a checkpoint's loading, which comes up only if that takes a while. */
public final class LoadingBar implements LoadProgress, AutoCloseable {
  private static final int MILLIS_OF_SILENCE = 1000;
  private static final long MILLION = 1_000_000;

  private long parameters;
  private long all;
  private boolean closed;
  private Progress shown;

  @Override
  public synchronized void loaded(long parameters, long all) {
    if (this.all == 0) {
      CompletableFuture.delayedExecutor(MILLIS_OF_SILENCE, TimeUnit.MILLISECONDS)
          .execute(this::show);
    }
    this.parameters = parameters;
    this.all = all;
    if (shown != null) shown.at(Math.ceilDiv(parameters, MILLION));
    if (parameters == all) close();
  }

  private synchronized void show() {
    if (closed) return;
    shown = Progress.of("loading, million weights", Math.ceilDiv(all, MILLION));
    shown.at(Math.ceilDiv(parameters, MILLION));
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (shown != null) shown.close();
    shown = null;
  }
}
