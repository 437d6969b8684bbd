package io.gemlab.graph.path;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.trace.GraphFunction;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Functions ready to run, and the state they share. Not for several threads at once.
 *
 * <p>State has no value until it is assigned.
 */
public interface Executable extends AutoCloseable {

  /**
   * Readies one more function. It shares the state of those loaded before by name; state that is
   * new with it has no value yet.
   *
   * @throws IllegalArgumentException if there is a function of this name, or it disagrees about a
   *     state
   */
  void add(GraphFunction function);

  /** Copies a value into a state. */
  void assign(String state, HostTensor value);

  /**
   * The present value of a state in the pieces that it is kept in, each once: one, or what devices
   * share out.
   *
   * @return to be read before the next call of a function that updates the state, which may
   *     overwrite them; a piece that is copied to the host takes memory there only while it is open
   */
  List<TensorPiece> pieces(String state);

  /**
   * The present value of a state, whole; the caller closes it.
   *
   * @return valid until the next call of a function that updates the state, which may overwrite it
   */
  default HostTensor read(String state) {
    return TensorPiece.join(pieces(state));
  }

  /** Frees the memory of states: they have no value until they are assigned again. */
  void release(Collection<String> states);

  /**
   * Calls a function: its updates become the state's next values.
   *
   * @param arguments a tensor for each of the function's arguments; they stay the caller's
   * @return the function's results; the caller closes them
   * @throws IllegalArgumentException if an argument is missing, unknown, or of another type or
   *     shape
   */
  Results run(String function, Map<String, HostTensor> arguments);

  /**
   * Calls a function as {@link #run} does, timing every node; slower than a plain call.
   *
   * @return where the time went; the results are dropped
   */
  Profile profile(String function, Map<String, HostTensor> arguments);

  /**
   * What really ran when a function was called; of a function not called yet, what is known so far.
   */
  ExecutionReport report(String function);

  @Override
  void close();
}
