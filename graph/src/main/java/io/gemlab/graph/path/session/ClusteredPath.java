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
import org.tensorflow.proto.OptimizerOptions;

/**
 * XLA programs of element-wise, reduction and shape ops, around oneDNN's matrix products: the fast
 * path on CPU, where XLA's own products are slow.
 *
 * @param host runs it
 * @param products which kernel computes each product
 */
public record ClusteredPath(SessionHost host, Products products) implements SessionPath {
  /** In this process alone, with TensorFlow's own products. */
  public ClusteredPath() {
    this(SessionHost.PROCESS, Products.TENSORFLOW);
  }

  @Override
  public ExecutionPath on(SessionHost other) {
    return new ClusteredPath(other, products);
  }

  @Override
  public ExecutionPath withProducts(Products other) {
    return new ClusteredPath(host, other);
  }

  @Override
  public String label() {
    return "clustered";
  }

  @Override
  public Support supports(GraphFunction function) {
    return NativeRuntime.clusters();
  }

  @Override
  public Executable load(List<GraphFunction> functions) {
    ExecutionPath.require(this, functions);
    OptimizerOptions clusters =
        OptimizerOptions.newBuilder()
            .setGlobalJitLevel(OptimizerOptions.GlobalJitLevel.ON_2)
            .build();
    ConfigProto config =
        ConfigProto.newBuilder()
            .setGraphOptions(GraphOptions.newBuilder().setOptimizerOptions(clusters))
            .build();
    return new SessionExecutable(label(), new ClusteredBody(), host, config, products, functions);
  }
}
