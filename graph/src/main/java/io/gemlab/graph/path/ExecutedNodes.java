package io.gemlab.graph.path;

import io.gemlab.graph.trace.GraphFunction;
import java.util.Set;
import org.tensorflow.proto.NodeDef;

/** Which nodes of a graph are computations: all but inputs, constants and plumbing. */
public final class ExecutedNodes {
  private static final Set<String> PLUMBING =
      Set.of(
          "Placeholder",
          "Const",
          "NoOp",
          "_Arg",
          "_Retval",
          "_Send",
          "_Recv",
          "_HostSend",
          "_HostRecv");
  private static final Set<String> STATE =
      Set.of("VarHandleOp", "ReadVariableOp", "AssignVariableOp");

  private ExecutedNodes() {}

  public static boolean isComputation(NodeDef node) {
    return !isPlumbing(node.getOp()) && !isState(node.getOp());
  }

  /** Whether an op of this name only brings values in, out or to another device. */
  public static boolean isPlumbing(String op) {
    return PLUMBING.contains(op);
  }

  /** Whether an op of this name reads or writes a variable. */
  public static boolean isState(String op) {
    return STATE.contains(op);
  }

  /** How many a function has, those of a loop's body once. */
  public static int count(GraphFunction function) {
    long outside =
        function.graph().getNodeList().stream().filter(ExecutedNodes::isComputation).count();
    int inside = function.loops().stream().mapToInt(loop -> count(loop.body())).sum();
    return Math.toIntExact(outside) - function.loops().size() + inside;
  }
}
