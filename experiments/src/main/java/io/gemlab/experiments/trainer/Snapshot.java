package io.gemlab.experiments.trainer;

import io.gemlab.graph.base.process.FreeMemory;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.Executable;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A run's state at one moment, copied, so that it can be written while training goes on.
 *
 * @param states the step's state, by name
 * @param arena of the copies
 */
record Snapshot(Map<String, HostTensor> states, Arena arena)
    implements AutoCloseable, Function<String, HostTensor> {

  /** Whether memory has room for one. */
  static boolean fits(List<TensorSpec> kept) {
    long bytes = kept.stream().mapToLong(TensorSpec::bytes).sum();
    return FreeMemory.bytes().orElse(Long.MAX_VALUE) > 2 * bytes;
  }

  /** Copies the state of a step out of what runs it. */
  static Snapshot of(List<TensorSpec> kept, Executable executable) {
    Arena arena = Arena.ofShared();
    Map<String, HostTensor> copies = new HashMap<>();
    for (TensorSpec state : kept) {
      String name = state.name();
      try (HostTensor value = executable.read(name)) {
        HostTensor copy = HostTensor.zeros(value.type(), value.shape(), arena);
        copy.data().copyFrom(value.data());
        copies.put(name, copy);
      }
    }
    return new Snapshot(copies, arena);
  }

  /** The value of a state; closing it does nothing. */
  @Override
  public HostTensor apply(String state) {
    return states.get(state);
  }

  @Override
  public void close() {
    arena.close();
  }
}
