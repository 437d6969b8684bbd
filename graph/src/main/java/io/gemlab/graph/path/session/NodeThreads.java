package io.gemlab.graph.path.session;

import io.gemlab.graph.path.kernel.Kernels;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.MatmulFlops;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.RunOptions;

/** Which threads run a function's nodes. */
final class NodeThreads {
  private static final RunOptions POOL = RunOptions.getDefaultInstance();
  private static final RunOptions CALLER = RunOptions.newBuilder().setInterOpThreadPool(-1).build();

  private NodeThreads() {}

  /**
   * The calling thread, node after node, where most products are kernels of ours: these share their
   * rows among all cores, and another node beside one would only take a core away in its midst.
   * Otherwise the session's pool.
   */
  static RunOptions of(GraphFunction function) {
    int kernels = 0;
    int products = 0;
    for (NodeDef node : function.graph().getNodeList()) {
      if (Kernels.isProduct(node.getOp())) kernels++;
      if (MatmulFlops.isProduct(node)) products++;
    }
    return kernels > products ? CALLER : POOL;
  }
}
