package io.gemlab.experiments.trainer;

import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.train.StepProgress;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.experiments.train.TrainingLoop;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.StepLimits;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A training run as a worker other than worker 0 of a cluster has it: it computes its share of each
 * step, and writes nothing. Its state comes from worker 0.
 */
public final class FollowerRun implements AutoCloseable {
  private final TrainRecipeFile file;
  private final OpenRecipe open;
  private final ClusterMembership membership;
  private final Provenance provenance;

  private FollowerRun(
      TrainRecipeFile file, OpenRecipe open, ClusterMembership membership, Provenance provenance) {
    this.file = file;
    this.open = open;
    this.membership = membership;
    this.provenance = provenance;
  }

  /**
   * Readies a run.
   *
   * @param recipe its file
   * @param changes {@code KEY=VALUE}, laid over it
   * @param asked which kernels are to compute products
   * @throws InvalidInput if the recipe can't be used, or not by a cluster, or its data can't be
   *     read
   */
  public static FollowerRun of(
      Path recipe,
      List<String> changes,
      ClusterMembership membership,
      Products asked,
      Provenance provenance) {
    TrainRecipeFile file = TrainRecipeFile.read(recipe, changes);
    TrainRecipe read = file.recipe().withProducts(ClusterMembership.products(asked));
    OpenRecipe open = OpenRecipe.of(read, membership.share());
    return new FollowerRun(file, open, membership, provenance);
  }

  /** Where it runs. */
  public ExecutionPath path() {
    return open.path();
  }

  /** Steps of the whole run, in a {@link RunMonitor}'s units. */
  public long work() {
    return open.recipe().steps();
  }

  /** What a step needs of memory. */
  public MemoryNeed need() {
    return open.need();
  }

  /** What {@link #need} is the need of, for people. */
  public String what() {
    return open.what();
  }

  /** Rows of this worker's part of a batch. */
  public int rows() {
    return open.rows();
  }

  /**
   * Trains with the others, until worker 0 has all on disk.
   *
   * @throws RunMonitor.Stopped if the monitor of one of the workers stopped it
   * @throws InvalidInput if the workers were not given the same
   */
  public Void run(RunMonitor monitor) throws IOException {
    monitor.now("waiting for the other workers");
    try (ClusterWorkers workers = ClusterWorkers.join(membership, file, open, provenance)) {
      return workers.during(() -> train(workers, workers.together(monitor)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private Void train(ClusterWorkers workers, RunMonitor monitor) {
    TrainPrograms programs = open.programs();
    List<GraphFunction> functions = new ArrayList<>(programs.steps());
    functions.addAll(workers.programs());
    monitor.now("loading");
    try (Executable executable = workers.place(open.path()).load(functions)) {
      assignZeros(executable);
      int done = workers.takeOver(executable);
      List<TrainingHook> hooks = new ArrayList<>(workers.checks(executable));
      hooks.add(new StepProgress(monitor));
      hooks.add(new LiveNumbers(monitor));
      new TrainingLoop(
              executable,
              step -> programs.step(step, open.recipe().method().diagnoseEvery()),
              open.batches().batches(executable, null),
              () -> StepLimits.NONE,
              workers,
              open.recipe().steps(),
              hooks)
          .run(done);
      monitor.now("waiting for worker 0 to finish");
      return null;
    }
  }

  /** A state has to have a value before another one is assigned in the graph. */
  private void assignZeros(Executable executable) {
    for (GraphFunction.Input input : open.programs().step().state()) {
      try (Arena arena = Arena.ofConfined()) {
        TensorSpec spec = input.spec();
        executable.assign(spec.name(), HostTensor.zeros(spec.type(), spec.shape(), arena));
      }
    }
  }

  /** Frees the data. */
  @Override
  public void close() {
    open.close();
  }
}
