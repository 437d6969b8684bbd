package io.gemlab.tpu.path;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.device.ProgramSignature;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the program of a traced function takes and gives, once it is exported. */
public final class FunctionSignature {
  private FunctionSignature() {}

  public static ProgramSignature of(GraphFunction function) {
    return new ProgramSignature(
        function.name(),
        function.state().stream().map(GraphFunction.Input::spec).toList(),
        function.argumentSpecs(),
        function.results().stream().map(GraphFunction.Output::spec).toList(),
        function.updates().stream().map(GraphFunction.Output::spec).map(TensorSpec::name).toList());
  }

  /** What each state of the function is kept for, by its name. */
  public static Map<String, StateRole> roles(GraphFunction function) {
    Map<String, StateRole> roles = new LinkedHashMap<>();
    for (GraphFunction.Input state : function.state()) {
      roles.put(state.spec().name(), state.role().orElseThrow());
    }
    return roles;
  }
}
