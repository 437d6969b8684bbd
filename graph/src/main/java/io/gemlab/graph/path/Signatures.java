package io.gemlab.graph.path;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** Functions loaded together, by name, and the state they share. */
public final class Signatures {
  private final Map<String, GraphFunction> functions = new LinkedHashMap<>();
  private final Map<String, TensorSpec> state = new LinkedHashMap<>();

  /**
   * Adds a function.
   *
   * @return the state that is new with it
   * @throws IllegalArgumentException if there is one of its name, or it disagrees about a state;
   *     then nothing was added
   */
  public List<TensorSpec> add(GraphFunction function) {
    if (functions.containsKey(function.name())) {
      throw new IllegalArgumentException("two functions are called " + function.name());
    }
    List<TensorSpec> added = new ArrayList<>();
    for (GraphFunction.Input input : function.state()) {
      TensorSpec known = state.get(input.spec().name());
      if (known == null) {
        added.add(input.spec());
      } else if (!known.equals(input.spec())) {
        throw new IllegalArgumentException(
            "functions loaded together share state by name, and disagree: "
                + known
                + ", "
                + input.spec());
      }
    }
    functions.put(function.name(), function);
    added.forEach(spec -> state.put(spec.name(), spec));
    return added;
  }

  /**
   * A state.
   *
   * @throws NoSuchElementException if no function has it
   */
  public TensorSpec state(String name) {
    TensorSpec spec = state.get(name);
    if (spec == null) throw new NoSuchElementException("no state " + name);
    return spec;
  }

  /**
   * A function.
   *
   * @throws NoSuchElementException if there is none of this name
   */
  public GraphFunction function(String name) {
    GraphFunction function = functions.get(name);
    if (function == null) {
      throw new NoSuchElementException("no function " + name + "; loaded " + functions.keySet());
    }
    return function;
  }
}
