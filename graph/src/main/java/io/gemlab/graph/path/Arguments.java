package io.gemlab.graph.path;

import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.graph.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Checks a call's arguments against a function's signature. */
final class Arguments {
  private Arguments() {}

  /** The arguments in the signature's order. */
  static List<HostTensor> inOrder(GraphFunction function, Map<String, HostTensor> arguments) {
    List<HostTensor> ordered = new ArrayList<>();
    for (GraphFunction.Input input : function.arguments()) {
      HostTensor value = arguments.get(input.spec().name());
      if (value == null) {
        throw new IllegalArgumentException(
            function.name()
                + " was called without "
                + input.spec()
                + "; it got "
                + arguments.keySet());
      }
      check(input.spec(), value);
      ordered.add(value);
    }
    if (arguments.size() != ordered.size()) {
      throw new IllegalArgumentException(
          function.name()
              + " was called with "
              + arguments.keySet()
              + "; it takes "
              + function.arguments().stream().map(GraphFunction.Input::spec).toList());
    }
    return ordered;
  }

  /** Refuses a tensor of another type or shape. */
  static void check(TensorSpec spec, HostTensor value) {
    if (value.type() != spec.type() || !value.shape().equals(spec.shape())) {
      throw new IllegalArgumentException(spec + " was given a " + value);
    }
  }
}
