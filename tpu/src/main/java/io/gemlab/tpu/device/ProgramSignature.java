package io.gemlab.tpu.device;

import io.gemlab.graph.base.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * What a compiled function takes and gives, in the program's order: parameters are the state and
 * then the arguments, outputs the results and then the updates.
 *
 * @param name what the function is called
 * @param state what is kept on the device between calls
 * @param arguments what each call brings
 * @param results what each call gives back
 * @param updates names of the state whose next values are outputs
 */
public record ProgramSignature(
    String name,
    List<TensorSpec> state,
    List<TensorSpec> arguments,
    List<TensorSpec> results,
    List<String> updates) {
  /**
   * @throws IllegalArgumentException if an update is of no state, or two names are the same
   */
  public ProgramSignature {
    state = List.copyOf(state);
    arguments = List.copyOf(arguments);
    results = List.copyOf(results);
    updates = List.copyOf(updates);
    List<String> inputs = new ArrayList<>(names(state));
    if (!inputs.containsAll(updates)) {
      throw new IllegalArgumentException(name + " updates " + updates + " and keeps " + inputs);
    }
    inputs.addAll(names(arguments));
    for (List<String> one : List.of(inputs, names(results), updates)) {
      if (one.stream().distinct().count() < one.size()) {
        throw new IllegalArgumentException(name + " has a name twice: " + one);
      }
    }
  }

  private static List<String> names(List<TensorSpec> specs) {
    return specs.stream().map(TensorSpec::name).toList();
  }
}
