package io.gemlab.tpu.path;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.device.ProgramSignature;

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
}
