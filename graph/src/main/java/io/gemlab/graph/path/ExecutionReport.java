package io.gemlab.graph.path;

import io.gemlab.graph.path.product.ProductUse;
import java.time.Duration;
import java.util.List;

/**
 * What really ran when a function was called.
 *
 * @param path the path's name
 * @param function the function's name
 * @param nodes nodes of the graph as traced, inputs and constants not counted
 * @param executed nodes that the runtime executes one by one; compiled ones are not among them
 * @param xlaClusters programs compiled by XLA
 * @param kernels values computed by kernels
 * @param products which kernels compute the other products
 * @param firstCall how long the first call took, compiling included
 * @param notes what else a reader should know, a sentence each
 */
public record ExecutionReport(
    String path,
    String function,
    int nodes,
    int executed,
    int xlaClusters,
    KernelUse kernels,
    ProductUse products,
    Duration firstCall,
    List<String> notes) {
  public ExecutionReport {
    notes = List.copyOf(notes);
  }

  /** Whether XLA compiled any of it. */
  public boolean xlaUsed() {
    return xlaClusters > 0;
  }
}
