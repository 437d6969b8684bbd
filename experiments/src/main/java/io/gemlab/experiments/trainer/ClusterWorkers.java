package io.gemlab.experiments.trainer;

import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.train.Interval;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.graph.base.batch.Share;
import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.cluster.Gathering;
import io.gemlab.graph.base.cluster.SharedStore;
import io.gemlab.graph.base.cluster.WorkerWatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.session.ClusterServer;
import io.gemlab.graph.path.session.SessionPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.StateBroadcast;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * The workers of a cluster, as one of them sees them: they share what worker 0 serves, compute each
 * step together by TensorFlow's collectives, and watch over each other.
 */
final class ClusterWorkers implements Workers, AutoCloseable {
  private static final Duration TURN = Duration.ofMinutes(1);
  private static final String BEGIN = "begin";
  private static final String BROADCAST = "broadcast";

  private final ClusterMembership membership;
  private final OpenRecipe open;
  private final SharedStore shared;
  private final WorkerWatch watch;
  private final ClusterServer server;
  private RunMonitor monitor;
  private boolean stopping;

  private ClusterWorkers(
      ClusterMembership membership, OpenRecipe open, SharedStore shared, ClusterServer server) {
    this.membership = membership;
    this.open = open;
    this.shared = shared;
    this.server = server;
    this.watch = new WorkerWatch(cluster(), shared.store(), membership.lost());
  }

  /**
   * Starts this worker's servers, waits until all have come, and compares what they were given.
   *
   * @throws InvalidInput if a port is taken, a worker doesn't come, or one has another recipe,
   *     other data or another build
   */
  static ClusterWorkers join(
      ClusterMembership membership, TrainRecipeFile file, OpenRecipe open, Provenance provenance)
      throws InterruptedException {
    Cluster cluster = membership.cluster();
    ClusterServer server = ClusterServer.start(cluster);
    if (!cluster.isChief()) membership.said().accept("waiting for " + cluster.name(0));
    SharedStore shared = SharedStore.open(cluster, membership.token());
    ClusterWorkers workers = new ClusterWorkers(membership, open, shared, server);
    boolean ready = false;
    try {
      WorkerIntroduction own = WorkerIntroduction.of(file, open, provenance);
      Gathering gathering =
          new Gathering(cluster, shared.store(), Gathering.PATIENCE, membership.said());
      own.requireSame(cluster, gathering.introduce(own.text()));
      workers.watch.start();
      ready = true;
      return workers;
    } finally {
      if (!ready) workers.close();
    }
  }

  private Cluster cluster() {
    return membership.cluster();
  }

  /** Something that workers do together. */
  @FunctionalInterface
  interface Work<R> {
    R run() throws IOException;
  }

  /**
   * Does it. Where it fails the others hear why; where it fails since another worker is lost, that
   * one is named, and this process ends.
   */
  <R> R during(Work<R> work) throws IOException {
    try {
      R result = work.run();
      watch.finish();
      return result;
    } catch (RunMonitor.Stopped stopped) {
      watch.finish();
      throw stopped;
    } catch (TensorFlowException broken) {
      watch.awaitLoss();
      watch.fail(broken.getMessage());
      throw broken;
    } catch (RuntimeException | IOException failed) {
      watch.fail(failed.getMessage());
      throw failed;
    }
  }

  @Override
  public Share share() {
    return membership.share();
  }

  @Override
  public ExecutionPath place(ExecutionPath path) {
    return ((SessionPath) path).on(server);
  }

  @Override
  public List<GraphFunction> programs() {
    return List.of(
        new StateBroadcast(cluster().size(), cluster().isChief())
            .trace(BROADCAST, open.programs().step().state()));
  }

  @Override
  public void handOut(Executable executable, int done) {
    try {
      shared.store().put(BEGIN, String.valueOf(done).getBytes(StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    executable.run(BROADCAST, Map.of()).close();
  }

  /**
   * Takes the state that worker 0 hands out, which may take its time to read it.
   *
   * @param executable has some value of each state
   * @return steps done
   */
  int takeOver(Executable executable) {
    while (true) {
      try {
        String done = new String(shared.store().get(BEGIN, TURN), StandardCharsets.UTF_8);
        executable.run(BROADCAST, Map.of()).close();
        return Integer.parseInt(done);
      } catch (TimeoutException e) {
        membership.said().accept("waiting for the state of " + cluster().name(0));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for the state", e);
      }
    }
  }

  @Override
  public List<TrainingHook> checks(Executable executable) {
    TrainRecipe recipe = open.recipe();
    Interval interval = new Interval(recipe.checkpoints().every(), recipe.steps());
    return List.of(
        new SameState(cluster(), shared.store(), executable, open.programs().kept(), interval));
  }

  @Override
  public RunMonitor together(RunMonitor own) {
    monitor = own;
    return new Together(own);
  }

  /** Stops where all stop, and not where this process alone wants to. */
  private final class Together implements RunMonitor {
    private final RunMonitor own;

    Together(RunMonitor own) {
      this.own = own;
    }

    @Override
    public void worked(long units) {
      own.worked(units);
    }

    @Override
    public void announced(long more) {
      own.announced(more);
    }

    @Override
    public void now(String what) {
      own.now(what);
    }

    @Override
    public void stands(String numbers) {
      own.stands(numbers);
    }

    @Override
    public void said(String line) {
      own.said(line);
    }

    @Override
    public void check() {
      if (stopping) throw new Stopped();
    }
  }

  @Override
  public <R> R ownWork(Supplier<R> work) {
    return watch.ownWork(work);
  }

  @Override
  public boolean wantsToStop() {
    try {
      monitor.check();
      return false;
    } catch (RunMonitor.Stopped stopped) {
      return true;
    }
  }

  @Override
  public void heard(boolean all) {
    stopping |= all;
  }

  @Override
  public void saved(String sentence) {
    watch.note(sentence);
  }

  @Override
  public void completes(Runnable writing) {
    watch.settleBeforeTelling(writing);
  }

  /** Ends what this process shares with others. */
  @Override
  public void close() {
    shared.close();
  }
}
