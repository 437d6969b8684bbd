package io.gemlab.graph.path.session;

import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import java.util.List;
import org.tensorflow.proto.ConfigProto;

/**
 * A plain session: grappler's rewrites and oneDNN's kernels, no XLA.
 *
 * @param host runs it
 * @param products which kernel computes each product
 */
public record GraphPath(SessionHost host, Products products) implements SessionPath {
  /** In this process alone, with TensorFlow's own products. */
  public GraphPath() {
    this(SessionHost.PROCESS, Products.TENSORFLOW);
  }

  @Override
  public ExecutionPath on(SessionHost other) {
    return new GraphPath(other, products);
  }

  @Override
  public ExecutionPath withProducts(Products other) {
    return new GraphPath(host, other);
  }

  @Override
  public String label() {
    return "graph";
  }

  @Override
  public Support supports(GraphFunction function) {
    return Support.yes();
  }

  @Override
  public Executable load(List<GraphFunction> functions) {
    NativeRuntime.ensure();
    return new SessionExecutable(
        label(), SessionBody.TRACED, host, ConfigProto.getDefaultInstance(), products, functions);
  }
}
