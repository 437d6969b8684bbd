package io.gemlab.experiments.train;

import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.Executable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What is on disk of a run that is not complete: every state of its training step bit for bit, in
 * the type that it is kept in, what hooks keep, and the number of steps done. It is one safetensors
 * file, written whole or not at all.
 *
 * @param file where
 * @param states the training step's, all that a run goes on from
 * @param base the checkpoint that holds the frozen weights; where there is none they are saved with
 *     the others, and where nothing is frozen it is of no use here
 * @param parts what else is saved
 */
public record RunState(
    Path file, List<TensorSpec> states, Optional<FrozenBase> base, List<Resumable> parts) {
  private static final String FORMAT = "format";
  private static final String THIS_FORMAT = "gemlab run state 1";
  private static final String STEPS = "steps";
  private static final String BASE = "base";

  public RunState {
    states = List.copyOf(states);
    base = base.filter(checkpoint -> !checkpoint.states().isEmpty());
    parts = List.copyOf(parts);
  }

  /** Whether there is one. */
  public boolean exists() {
    return Files.exists(file);
  }

  /**
   * Saves it in place of an earlier one.
   *
   * @param steps steps done
   * @throws UncheckedIOException if the disk fails or is full; an earlier one is then still there
   */
  public void save(Executable executable, int steps) {
    save(executable::pieces, steps);
  }

  /**
   * Saves values of the state in place of an earlier one.
   *
   * @param values the pieces of a state by its name, each read when it is written
   * @param steps steps done
   * @throws UncheckedIOException if the disk fails or is full; an earlier one is then still there
   */
  public void save(Function<String, List<TensorPiece>> values, int steps) {
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(FORMAT, THIS_FORMAT);
    metadata.put(STEPS, String.valueOf(steps));
    base.ifPresent(checkpoint -> metadata.put(BASE, checkpoint.reference()));
    List<TensorToWrite> tensors = new ArrayList<>();
    for (TensorSpec state : savedStates()) {
      tensors.add(TensorToWrite.of(state, values.apply(state.name())));
    }
    for (Resumable part : parts) {
      part.saved().forEach((name, value) -> tensors.add(TensorToWrite.exactly(name, value)));
    }
    SafetensorsWriter.write(file, tensors, metadata);
  }

  /**
   * Puts everything back: the executable's state, frozen weights among it, and what hooks keep.
   *
   * @return steps done
   * @throws InvalidInput if the file is damaged, another format's or another run's, or the frozen
   *     weights are gone or others
   */
  public int restore(Executable executable) {
    try (SafetensorsFile saved = open(file)) {
      restoreBase(saved, executable);
      for (TensorSpec state : savedStates()) {
        TensorInfo found = saved.tensors().get(state.name());
        if (found == null || found.type() != state.type() || !found.shape().equals(state.shape())) {
          throw refusal(file, "has no " + state);
        }
        executable.assign(state.name(), tensor(saved, state.name()));
      }
      for (Resumable part : parts) part.restore(name -> tensor(saved, name));
      return steps(saved);
    }
  }

  private void restoreBase(SafetensorsFile saved, Executable executable) {
    String reference = saved.metadata().get(BASE);
    if (base.isPresent() != (reference != null)) {
      throw refusal(
          file,
          base.isPresent()
              ? "holds its frozen weights itself, and this run takes them from a checkpoint"
              : "takes its frozen weights from a checkpoint, and this run does not: " + reference);
    }
    base.ifPresent(checkpoint -> checkpoint.restore(reference, file, executable));
  }

  private List<TensorSpec> savedStates() {
    Set<String> elsewhere = base.map(FrozenBase::states).orElse(Set.of());
    return states.stream().filter(state -> !elsewhere.contains(state.name())).toList();
  }

  /**
   * Deletes what processes left that were killed while they saved this state; no other process may
   * be saving it.
   */
  void deleteLeftovers() {
    try {
      WholeFile.deleteLeftovers(file);
    } catch (IOException e) {
      throw new UncheckedIOException("deleting what is left beside " + file, e);
    }
  }

  /** Deletes the state in a file, and what processes left that were killed while they saved it. */
  public static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
      WholeFile.deleteLeftovers(file);
    } catch (IOException e) {
      throw new UncheckedIOException("deleting " + file, e);
    }
  }

  /**
   * Checks that a file holds a state that can be read.
   *
   * @throws InvalidInput if it is damaged or of another format
   */
  public static void requireReadable(Path file) {
    open(file).close();
  }

  private static SafetensorsFile open(Path file) {
    SafetensorsFile saved = SafetensorsFile.open(file);
    if (THIS_FORMAT.equals(saved.metadata().get(FORMAT))) return saved;
    saved.close();
    throw refusal(
        file, "is not the state of an unfinished run as this version of Gemlab writes it");
  }

  private static InvalidInput refusal(Path file, String what) {
    return new InvalidInput("%s %s; delete it, and the run begins again".formatted(file, what));
  }

  private static HostTensor tensor(SafetensorsFile saved, String name) {
    TensorInfo info = saved.tensor(name);
    return new HostTensor(info.type(), info.shape(), saved.segment(name), () -> {});
  }

  private static int steps(SafetensorsFile saved) {
    try {
      return Integer.parseInt(saved.metadata().getOrDefault(STEPS, ""));
    } catch (NumberFormatException e) {
      throw refusal(saved.path(), "doesn't say how many steps are done");
    }
  }
}
