package io.gemlab.experiments.trainer;

import io.gemlab.experiments.train.Interval;
import io.gemlab.experiments.train.Resumable;
import io.gemlab.experiments.train.StepResult;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.path.Executable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
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
  private final Consumer<Path> saved;
  private final ReentrantLock writing = new ReentrantLock();
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().name("gemlab-checkpoint").unstarted(task));
  private Future<?> written = null;

  /**
   * @param saved hears of each checkpoint once it is whole
   */
  CheckpointWriting(
      Checkpoints checkpoints,
      Executable executable,
      List<Resumable> parts,
      Interval interval,
      Consumer<Path> saved) {
    this.checkpoints = checkpoints;
    this.executable = executable;
    this.parts = parts;
    this.interval = interval;
    this.saved = saved;
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
      write(executable::pieces, parts, steps);
      return;
    }
    List<Resumable> copies = parts.stream().<Resumable>map(Saved::of).toList();
    Snapshot snapshot = Snapshot.of(checkpoints.kept(), executable);
    written =
        writer.submit(
            () -> {
              try (snapshot) {
                write(snapshot, copies, steps);
              }
            });
  }

  private void write(Function<String, List<TensorPiece>> states, List<Resumable> hooks, int steps) {
    writing.lock();
    try {
      saved.accept(checkpoints.write(states, hooks, steps));
    } finally {
      writing.unlock();
    }
  }

  /**
   * Waits, on whichever thread, while a checkpoint is being written; not for long.
   *
   * @param patience how long at most
   */
  void settle(Duration patience) {
    try {
      if (writing.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) writing.unlock();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
