package io.gemlab.experiments.train;

import io.gemlab.graph.base.tensor.HostTensor;
import java.util.Map;
import java.util.function.Function;

/** What a {@link RunState} keeps for a hook, or for a source of batches that has a cursor. */
public interface Resumable {
  /** What a later process needs, small tensors by names that nothing else in the run has. */
  Map<String, HostTensor> saved();

  /**
   * Puts it back.
   *
   * @param saved the tensor of a name; it refuses one that is not there
   */
  void restore(Function<String, HostTensor> saved);
}
