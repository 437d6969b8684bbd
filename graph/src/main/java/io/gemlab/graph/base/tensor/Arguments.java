package io.gemlab.graph.base.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Checks a call's arguments against a function's signature. */
public final class Arguments {
  private Arguments() {}

  /**
   * The arguments in the signature's order.
   *
   * @param function whose they are
   * @throws IllegalArgumentException if one is missing, unknown, or of another type or shape
   */
  public static List<HostTensor> inOrder(
      String function, List<TensorSpec> signature, Map<String, HostTensor> arguments) {
    List<HostTensor> ordered = new ArrayList<>();
    for (TensorSpec spec : signature) {
      HostTensor value = arguments.get(spec.name());
      if (value == null) {
        throw new IllegalArgumentException(
            function + " was called without " + spec + "; it got " + arguments.keySet());
      }
      check(spec, value);
      ordered.add(value);
    }
    if (arguments.size() != ordered.size()) {
      throw new IllegalArgumentException(
          function + " was called with " + arguments.keySet() + "; it takes " + signature);
    }
    return ordered;
  }

  /** Refuses a tensor of another type or shape. */
  public static void check(TensorSpec spec, HostTensor value) {
    if (value.type() != spec.type() || !value.shape().equals(spec.shape())) {
      throw new IllegalArgumentException(spec + " was given a " + value);
    }
  }
}
