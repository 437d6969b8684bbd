package io.gemlab.graph.path;

import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import java.util.List;

/** A way to run traced functions. Other modules add their own: a PJRT device is one. */
public interface ExecutionPath {

  /** The name on the command line and in reports. */
  String label();

  /** Whether this path can run a function on this machine and in this process. */
  Support supports(GraphFunction function);

  /**
   * Readies functions that share state by name.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if {@link #supports} says no of one of
   *     them
   */
  Executable load(List<GraphFunction> functions);

  /** Which kernels compute products; where it has no choice, as if they were TensorFlow's. */
  default Products products() {
    return Products.TENSORFLOW;
  }

  /** The same path with its products so computed; itself where it has no choice of kernels. */
  default ExecutionPath withProducts(Products products) {
    return this;
  }

  /** Refuses what a path can't run, for the reason that it gives. */
  static void require(ExecutionPath path, List<GraphFunction> functions) {
    for (GraphFunction function : functions) {
      if (path.supports(function) instanceof Support.Unsupported refusal) {
        throw new UnsupportedChoiceException("the " + path.label() + " path", refusal);
      }
    }
  }
}
