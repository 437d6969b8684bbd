package io.gemlab.graph.trace;

import io.gemlab.graph.base.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.NodeDef;

/**
 * The memory that a call of a traced function needs, reckoned from its graph before anything is
 * allocated.
 *
 * <p>Values are taken to be computed in the order in which they were traced, and to live until the
 * last node that reads them. Views of another value cost nothing, and neither does a value that is
 * computed element by element from others and read once: every path computes it in place or within
 * its reader. Compilers may do better than that, and a session that runs nodes side by side
 * somewhat worse.
 *
 * @param state bytes kept between calls
 * @param arguments bytes handed over and handed back in a call: arguments and results
 * @param temporaries the most bytes of other values that live at once
 */
public record MemoryNeed(long state, long arguments, long temporaries) {
  /** Ops whose output is their input's memory. */
  private static final Set<String> VIEWS =
      Set.of(
          "Reshape",
          "Identity",
          "IdentityN",
          "ExpandDims",
          "Squeeze",
          "StopGradient",
          "PreventGradient",
          "Placeholder",
          "Bitcast");

  /** Ops that compute each element of their output from one element of each input. */
  private static final Set<String> ELEMENTWISE =
      Set.of(
          "Add",
          "AddV2",
          "Sub",
          "Mul",
          "Div",
          "RealDiv",
          "Maximum",
          "Minimum",
          "Neg",
          "Tanh",
          "Exp",
          "Log",
          "Sqrt",
          "Rsqrt",
          "Square",
          "Pow",
          "Erf",
          "Sigmoid",
          "Cast",
          "Select",
          "SelectV2",
          "Greater",
          "GreaterEqual",
          "Less",
          "LessEqual",
          "Equal",
          "NotEqual",
          "LogicalAnd",
          "LogicalOr",
          "LogicalNot",
          "TanhGrad",
          "SigmoidGrad",
          "RsqrtGrad",
          "SqrtGrad",
          "Sin",
          "Cos",
          "Reciprocal",
          "Abs",
          "Sign",
          "SquaredDifference",
          "ClipByValue",
          "BroadcastTo",
          "ZerosLike",
          "OnesLike",
          "Fill",
          "Const");

  /**
   * Reckons it. Shapes that aren't known before the call count as nothing.
   *
   * @param function traced
   */
  public static MemoryNeed of(GraphFunction function) {
    long state = bytes(function.state().stream().map(GraphFunction.Input::spec).toList());
    long arguments =
        bytes(function.argumentSpecs())
            + bytes(function.results().stream().map(GraphFunction.Output::spec).toList());
    return new MemoryNeed(state, arguments, temporaries(function));
  }

  /** Of two programs that are loaded beside each other, as if their values lived together. */
  public MemoryNeed plus(MemoryNeed other) {
    return new MemoryNeed(
        state + other.state, arguments + other.arguments, temporaries + other.temporaries);
  }

  /** All of it. */
  public long total() {
    return state + arguments + temporaries;
  }

  private static long bytes(List<TensorSpec> specs) {
    return specs.stream().mapToLong(TensorSpec::bytes).sum();
  }

  private static long temporaries(GraphFunction function) {
    Map<String, Long> loops = new HashMap<>();
    for (GraphFunction.Loop loop : function.loops()) {
      loops.put(loop.node(), temporaries(loop.body()));
    }
    try (Graph graph = new Graph()) {
      graph.importGraphDef(function.graph());
      return new Liveness(function, graph, loops).peak();
    }
  }

  /** Which values live when. */
  private static final class Liveness {
    private final Map<String, NodeDef> nodes = new HashMap<>();
    private final List<NodeDef> order = new ArrayList<>();
    private final Map<String, Integer> readers = new HashMap<>();
    private final Map<String, Long> sizes = new HashMap<>();
    private final Map<String, Long> loops;
    private final Set<String> kept = new HashSet<>();

    Liveness(GraphFunction function, Graph graph, Map<String, Long> loops) {
      this.loops = loops;
      for (NodeDef node : function.graph().getNodeList()) nodes.put(node.getName(), node);
      Set<String> seen = new HashSet<>();
      for (NodeDef node : function.graph().getNodeList()) visit(node, seen);
      for (NodeDef node : order) {
        for (String input : inputs(node)) readers.merge(source(input), 1, Integer::sum);
      }
      for (GraphFunction.Output output : function.outputs()) kept.add(source(output.node()));
      for (NodeDef node : order) sizes.put(node.getName(), size(node, graph));
    }

    private void visit(NodeDef node, Set<String> seen) {
      List<NodeDef> open = new ArrayList<>(List.of(node));
      while (!open.isEmpty()) {
        NodeDef last = open.getLast();
        if (seen.contains(last.getName())) {
          open.removeLast();
          continue;
        }
        List<NodeDef> missing =
            inputs(last).stream().filter(name -> !seen.contains(name)).map(nodes::get).toList();
        if (missing.isEmpty()) {
          seen.add(last.getName());
          order.add(last);
          open.removeLast();
        } else {
          open.addAll(missing);
        }
      }
    }

    private static List<String> inputs(NodeDef node) {
      return node.getInputList().stream()
          .map(input -> input.startsWith("^") ? input.substring(1) : input.split(":")[0])
          .distinct()
          .toList();
    }

    /** The node whose memory a node's first output is. */
    private String source(String name) {
      NodeDef node = nodes.get(name);
      while (VIEWS.contains(node.getOp()) && node.getInputCount() > 0) {
        node = nodes.get(inputs(node).getFirst());
      }
      return node.getName();
    }

    private long size(NodeDef node, Graph graph) {
      if (VIEWS.contains(node.getOp())) return 0;
      if (ELEMENTWISE.contains(node.getOp())
          && readers.getOrDefault(node.getName(), 0) <= 1
          && !kept.contains(node.getName())) {
        return 0;
      }
      GraphOperation operation = graph.operation(node.getName());
      long bytes = 0;
      for (int i = 0; i < operation.numOutputs(); i++) bytes += size(operation.output(i));
      return bytes;
    }

    private static long size(Output<?> output) {
      Shape shape = output.shape();
      if (shape.isUnknown() || shape.hasUnknownDimension()) return 0;
      int width =
          switch (output.dataType()) {
            case DT_DOUBLE, DT_INT64, DT_UINT64 -> 8;
            case DT_BFLOAT16, DT_HALF, DT_INT16, DT_UINT16 -> 2;
            case DT_BOOL, DT_INT8, DT_UINT8 -> 1;
            default -> 4;
          };
      return shape.size() * width;
    }

    /** The most bytes alive while a node runs, its own output among them. */
    long peak() {
      Map<String, Integer> left = new HashMap<>(readers);
      long alive = 0;
      long peak = 0;
      for (NodeDef node : order) {
        long own = sizes.get(node.getName());
        alive += own;
        peak = Math.max(peak, alive + loops.getOrDefault(node.getName(), 0L));
        for (String input : inputs(node)) {
          String read = source(input);
          if (left.merge(read, -1, Integer::sum) == 0 && !kept.contains(read)) {
            alive -= sizes.get(read);
          }
        }
      }
      return peak;
    }
  }
}
