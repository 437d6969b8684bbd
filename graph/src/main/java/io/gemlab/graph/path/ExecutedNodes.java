package io.gemlab.graph.path;

import java.util.Set;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/** Which nodes of a graph are computations: all but inputs, constants and plumbing. */
public final class ExecutedNodes {
  private static final Set<String> NO_COMPUTATION =
      Set.of(
          "Placeholder",
          "Const",
          "NoOp",
          "_Arg",
          "_Retval",
          "_Send",
          "_Recv",
          "_HostSend",
          "_HostRecv",
          "VarHandleOp",
          "ReadVariableOp",
          "AssignVariableOp");

  private ExecutedNodes() {}

  static boolean isComputation(NodeDef node) {
    return !NO_COMPUTATION.contains(node.getOp());
  }

  /** How many of a graph are. */
  public static int count(GraphDef graph) {
    return (int) graph.getNodeList().stream().filter(ExecutedNodes::isComputation).count();
  }
}
