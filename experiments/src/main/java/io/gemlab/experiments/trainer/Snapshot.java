package io.gemlab.experiments.trainer;

import io.gemlab.graph.base.process.FreeMemory;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.Executable;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A run's state at one moment, copied in the pieces that it lies in, so that it can be written
 * while training goes on.
 *
 * @param states the pieces of each state, by its name
 * @param arena of the copies
 */
record Snapshot(Map<String, List<TensorPiece>> states, Arena arena)
    implements AutoCloseable, Function<String, List<TensorPiece>> {

  /** Whether memory has room for one. */
  static boolean fits(List<TensorSpec> kept) {
    long bytes = kept.stream().mapToLong(TensorSpec::bytes).sum();
    return FreeMemory.bytes().orElse(Long.MAX_VALUE) > 2 * bytes;
  }

  /** Copies the state of a step out of what runs it. */
  static Snapshot of(List<TensorSpec> kept, Executable executable) {
    Arena arena = Arena.ofShared();
    Map<String, List<TensorPiece>> copies = new HashMap<>();
    for (TensorSpec state : kept) {
      List<TensorPiece> pieces = new ArrayList<>();
      for (TensorPiece piece : executable.pieces(state.name())) {
        try (HostTensor value = piece.read()) {
          HostTensor copy = HostTensor.zeros(value.type(), value.shape(), arena);
          copy.data().copyFrom(value.data());
          pieces.add(new TensorPiece(piece.place(), () -> copy));
        }
      }
      copies.put(state.name(), pieces);
    }
    return new Snapshot(copies, arena);
  }

  @Override
  public List<TensorPiece> apply(String state) {
    return states.get(state);
  }

  @Override
  public void close() {
    arena.close();
  }
}
