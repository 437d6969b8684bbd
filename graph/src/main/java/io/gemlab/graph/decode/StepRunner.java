package io.gemlab.graph.decode;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.KernelUse;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs steps of a model on an executable that holds its weights: traces each the first time, keeps
 * one cache at a time in the runtime, and counts what crosses.
 */
final class StepRunner {
  private final Gemma2Model<?> model;
  private final Executable executable;
  private final Set<String> traced = new HashSet<>();
  private Optional<CacheLayout> held = Optional.empty();
  private Prepared last;
  private volatile Traffic traffic = Traffic.NONE;
  private volatile Optional<KernelUse> kernels = Optional.empty();

  StepRunner(Gemma2Model<?> model, Executable executable) {
    this.model = model;
    this.executable = executable;
  }

  /** A step that was traced, and whose cache is in the runtime. */
  private record Prepared(CacheLayout cache, StepHead head, int rows, int length, String name) {
    boolean is(CacheLayout cache, StepHead head, int rows, int length) {
      return this.rows == rows
          && this.length == length
          && this.cache.equals(cache)
          && this.head.equals(head);
    }
  }

  /** What crossed so far; other threads may ask for it. */
  Traffic traffic() {
    return traffic;
  }

  /** Of the step called last; other threads may ask for it. */
  Optional<KernelUse> kernels() {
    return kernels;
  }

  /**
   * Calls a step.
   *
   * @param ids_BT tokens of the cache's first rows
   * @param positions_BT where they stand
   * @param others the head's arguments
   * @return what the head gives; the caller closes it
   */
  Results run(
      CacheLayout cache,
      StepHead head,
      int[][] ids_BT,
      int[][] positions_BT,
      Map<String, HostTensor> others) {
    int rows = ids_BT.length;
    int length = ids_BT[0].length;
    if (last == null || !last.is(cache, head, rows, length)) {
      last = prepare(cache, head, rows, length);
    }
    Map<String, HostTensor> arguments = new HashMap<>(others);
    arguments.put(TokenBatch.INPUT_IDS, HostTensor.of(ids_BT));
    arguments.put(TokenBatch.POSITIONS, HostTensor.of(positions_BT));
    Results results = executable.run(last.name(), arguments);
    traffic =
        traffic.plus(
            new Traffic(1, bytes(arguments.values()), bytes(results.tensors().values()), 0));
    return results;
  }

  /** Gives a cache memory, unless it has it; one that is held is freed first. */
  void hold(CacheLayout cache) {
    if (held.equals(Optional.of(cache))) return;
    release();
    for (TensorSpec spec : cache.specs()) {
      executable.assign(spec.name(), HostTensor.zeros(spec.type(), spec.shape()));
    }
    held = Optional.of(cache);
  }

  /** Frees the cache's memory. */
  void release() {
    held.ifPresent(
        cache -> executable.release(cache.specs().stream().map(TensorSpec::name).toList()));
    held = Optional.empty();
    last = null;
  }

  private Prepared prepare(CacheLayout cache, StepHead head, int rows, int length) {
    CachedStep<?> step = new CachedStep<>(model, cache, rows, length, head);
    if (traced.add(step.name())) {
      executable.add(step.trace());
      traffic = traffic.plus(new Traffic(0, 0, 0, 1));
    }
    kernels = Optional.of(executable.report(step.name()).kernels());
    hold(cache);
    return new Prepared(cache, head, rows, length, step.name());
  }

  private static long bytes(Collection<HostTensor> tensors) {
    long bytes = 0;
    for (HostTensor tensor : tensors) bytes += tensor.data().byteSize();
    return bytes;
  }
}
