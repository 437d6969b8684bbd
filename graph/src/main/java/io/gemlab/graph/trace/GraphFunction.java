package io.gemlab.graph.trace;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.ops.Kernel;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * A traced pure function: {@code (state, arguments) -> (state', results)}.
 *
 * @param name what the function is called
 * @param graph its body; inputs are placeholders, and nothing in it is a variable
 * @param state inputs that whoever executes keeps between calls: weights, moments, caches
 * @param arguments inputs given at each call
 * @param results outputs returned by each call
 * @param updates outputs that become the next value of the state of the same name
 * @param loops what the {@code StatelessWhile} nodes in the body run
 * @param kernelPlaces values that kernels may compute; none of them in a loop
 */
public record GraphFunction(
    String name,
    GraphDef graph,
    List<Input> state,
    List<Input> arguments,
    List<Output> results,
    List<Output> updates,
    List<Loop> loops,
    List<KernelPlace> kernelPlaces) {

  /**
   * @param node the placeholder in the graph
   * @param role what a state input is kept for; empty for an argument
   */
  public record Input(TensorSpec spec, String node, Optional<StateRole> role) {}

  /**
   * @param node the node in the graph that computes it
   * @param index which of the node's outputs it is
   */
  public record Output(TensorSpec spec, String node, int index) {}

  /**
   * A loop that runs a known number of iterations.
   *
   * @param node the node in the graph that stands for it
   * @param tripCount how often the body runs
   * @param condition whether there is another iteration; takes what the body takes
   * @param body from the loop's values to their next ones, arguments and results in the same order
   */
  public record Loop(String node, int tripCount, GraphFunction condition, GraphFunction body) {}

  /**
   * Values that a kernel may compute in place of the nodes that compute them in the graph.
   *
   * @param kernel which kernel
   * @param values the nodes whose first outputs are the values, in the order of the kernel's
   * @param name free for the kernel's node
   * @param type the first operand's element type
   * @param operands what the kernel takes, in its order
   * @param feeding nodes of operands that the graph has no other use for and does not hold
   */
  public record KernelPlace(
      Kernel kernel,
      List<String> values,
      String name,
      DataType type,
      List<NodeInput> operands,
      List<NodeDef> feeding) {
    public KernelPlace {
      values = List.copyOf(values);
      operands = List.copyOf(operands);
      feeding = List.copyOf(feeding);
    }
  }

  public GraphFunction {
    state = List.copyOf(state);
    arguments = List.copyOf(arguments);
    results = List.copyOf(results);
    updates = List.copyOf(updates);
    loops = List.copyOf(loops);
    kernelPlaces = List.copyOf(kernelPlaces);
  }

  /** All inputs, state first, in the order traced. */
  public List<Input> inputs() {
    return java.util.stream.Stream.concat(state.stream(), arguments.stream()).toList();
  }

  /** All outputs, results first, in the order traced. */
  public List<Output> outputs() {
    return java.util.stream.Stream.concat(results.stream(), updates.stream()).toList();
  }

  /** What each argument is, in the order traced. */
  public List<TensorSpec> argumentSpecs() {
    return arguments.stream().map(Input::spec).toList();
  }

  /**
   * An argument's spec.
   *
   * @throws NoSuchElementException if there is none of this name
   */
  public TensorSpec argument(String argument) {
    return arguments.stream()
        .map(Input::spec)
        .filter(spec -> spec.name().equals(argument))
        .findFirst()
        .orElseThrow(
            () ->
                new NoSuchElementException(
                    name
                        + " has no argument "
                        + argument
                        + "; it has "
                        + arguments.stream().map(input -> input.spec().name()).toList()));
  }
}
