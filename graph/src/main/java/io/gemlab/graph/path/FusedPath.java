package io.gemlab.graph.path;

import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import java.util.List;
import org.tensorflow.proto.ConfigProto;

/** The whole function compiled by XLA as one program. */
public record FusedPath() implements ExecutionPath {
  @Override
  public String label() {
    return "fused";
  }

  @Override
  public Support supports(GraphFunction function) {
    return Support.yes();
  }

  @Override
  public Executable load(List<GraphFunction> functions) {
    NativeRuntime.ensure();
    return new SessionExecutable(
        label(), new FusedBody(), ConfigProto.getDefaultInstance(), functions);
  }
}
