package io.gemlab.graph.path.session;

import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import java.util.List;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.RewriterConfig;

/** The whole function compiled by XLA as one program. */
public record FusedPath() implements ExecutionPath {
  /**
   * Without grappler's memory optimizer: it turns large sums into ops that XLA has not, and XLA
   * plans memory itself.
   */
  private static final ConfigProto CONFIG =
      ConfigProto.newBuilder()
          .setGraphOptions(
              GraphOptions.newBuilder()
                  .setRewriteOptions(
                      RewriterConfig.newBuilder()
                          .setMemoryOptimization(RewriterConfig.MemOptType.NO_MEM_OPT)))
          .build();

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
        label(), new FusedBody(), SessionHost.PROCESS, CONFIG, Products.TENSORFLOW, functions);
  }
}
