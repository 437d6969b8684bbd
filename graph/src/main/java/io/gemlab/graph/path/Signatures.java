package io.gemlab.graph.path;

import io.gemlab.graph.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** Functions loaded together, by name, and the state they share. */
final class Signatures {
  private final Map<String, GraphFunction> functions = new LinkedHashMap<>();
  private final Map<String, TensorSpec> state = new LinkedHashMap<>();

  /**
   * @throws IllegalArgumentException if two functions have one name, or disagree about a state
   */
  Signatures(List<GraphFunction> functions) {
    for (GraphFunction function : functions) {
      if (this.functions.put(function.name(), function) != null) {
        throw new IllegalArgumentException("two functions are called " + function.name());
      }
      for (GraphFunction.Input input : function.state()) declare(input.spec());
    }
  }

  private void declare(TensorSpec spec) {
    TensorSpec known = state.putIfAbsent(spec.name(), spec);
    if (known != null && !known.equals(spec)) {
      throw new IllegalArgumentException(
          "functions loaded together share state by name, and disagree: " + known + ", " + spec);
    }
  }

  Collection<TensorSpec> states() {
    return state.values();
  }

  TensorSpec state(String name) {
    TensorSpec spec = state.get(name);
    if (spec == null) throw new NoSuchElementException("no state " + name);
    return spec;
  }

  GraphFunction function(String name) {
    GraphFunction function = functions.get(name);
    if (function == null) {
      throw new NoSuchElementException("no function " + name + "; loaded " + functions.keySet());
    }
    return function;
  }
}
