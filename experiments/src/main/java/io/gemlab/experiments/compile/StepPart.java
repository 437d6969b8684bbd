package io.gemlab.experiments.compile;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.StepFunctions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One of the functions that a training step calls.
 *
 * @param function as it was traced
 * @param calls how often a step calls it
 * @param beside the step's state that it doesn't take: it lies on the devices all the same
 */
record StepPart(GraphFunction function, int calls, List<GraphFunction.Input> beside) {
  StepPart {
    beside = List.copyOf(beside);
  }

  /** The function's. */
  String name() {
    return function.name();
  }

  /**
   * The functions of a step, in the order of their calls.
   *
   * @param microBatches how many there are in a step
   */
  static List<StepPart> of(StepFunctions step, int microBatches) {
    List<StepPart> parts = new ArrayList<>();
    for (GraphFunction function : step.all()) {
      Set<String> own =
          function.state().stream().map(input -> input.spec().name()).collect(Collectors.toSet());
      parts.add(
          new StepPart(
              function,
              function == step.last() ? 1 : microBatches,
              step.state().stream().filter(input -> !own.contains(input.spec().name())).toList()));
    }
    return parts;
  }
}
