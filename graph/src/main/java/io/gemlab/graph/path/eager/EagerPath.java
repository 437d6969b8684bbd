package io.gemlab.graph.path.eager;

import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import java.util.List;

/**
 * Node by node through TensorFlow's eager runtime: one execute a traced primitive, gradients
 * included, since they are traced too. Each tensor is freed after its last use.
 */
public record EagerPath() implements ExecutionPath {
  @Override
  public String label() {
    return "eager";
  }

  @Override
  public Support supports(GraphFunction function) {
    return Support.yes();
  }

  @Override
  public Executable load(List<GraphFunction> functions) {
    NativeRuntime.ensure();
    Executable executable = new EagerExecutable();
    functions.forEach(executable::add);
    return executable;
  }
}
