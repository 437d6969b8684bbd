package io.gemlab.experiments.trainer;

import io.gemlab.experiments.train.Interval;
import io.gemlab.experiments.train.Resumable;
import io.gemlab.experiments.train.StepResult;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.path.Executable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Writes checkpoints at intervals and where a run is stopped: from a copy of the state, on a thread
 * of its own, so that training goes on meanwhile; where memory has no room for a copy, at once,
 * piece by piece.
 *
 * <p>It comes after the hooks whose part of the state a step changes.
 */
final class CheckpointWriting implements TrainingHook, AutoCloseable {
  private final Checkpoints checkpoints;
  private final Executable executable;
  private final List<Resumable> parts;
  private final Interval interval;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().name("gemlab-checkpoint").unstarted(task));
  private Future<?> written = null;

  CheckpointWriting(
      Checkpoints checkpoints, Executable executable, List<Resumable> parts, Interval interval) {
    this.checkpoints = checkpoints;
    this.executable = executable;
    this.parts = parts;
    this.interval = interval;
  }

  @Override
  public void onStep(StepResult result) {
    if (interval.includes(result.step())) begin(result.step());
  }

  @Override
  public void onStopped(int steps) {
    begin(steps);
    finish();
  }

  /** What a hook keeps, as it was at one moment. */
  private record Saved(Map<String, HostTensor> saved) implements Resumable {
    static Saved of(Resumable part) {
      return new Saved(part.saved());
    }

    @Override
    public void restore(Function<String, HostTensor> tensors) {
      throw new UnsupportedOperationException("a copy is only written");
    }
  }

  private void begin(int steps) {
    finish();
    if (!Snapshot.fits(checkpoints.kept())) {
      checkpoints.write(executable::pieces, parts, steps);
      return;
    }
    List<Resumable> saved = parts.stream().<Resumable>map(Saved::of).toList();
    Snapshot snapshot = Snapshot.of(checkpoints.kept(), executable);
    written =
        writer.submit(
            () -> {
              try (snapshot) {
                checkpoints.write(snapshot, saved, steps);
              }
            });
  }

  /**
   * Waits for the checkpoint that is being written.
   *
   * @throws RuntimeException that writing it ended with
   */
  void finish() {
    if (written == null) return;
    try {
      written.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failed) throw failed;
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      written = null;
    }
  }

  @Override
  public void close() {
    try {
      finish();
    } finally {
      writer.shutdown();
    }
  }
}
