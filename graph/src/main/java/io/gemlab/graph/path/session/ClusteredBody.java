package io.gemlab.graph.path.session;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.NodeInput;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Output;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * The function as traced, with clusters only where they pay.
 *
 * <p>Calling a cluster costs about as much as ten plain nodes. A function of a few numbers, such as
 * the decoding of a token, works on vectors: there a plain node is cheaper than its share of a
 * cluster (ablation preset, bfloat16: 12 ms a token instead of 16, docs/results/inference.md). What
 * is large all the same, scores of a vocabulary or weights being unpacked, stays in clusters.
 *
 * <p>What packs tensors for a collective op isn't clustered either: XLA would make one cluster of
 * all that is packed, and the first could set off no sooner than the last.
 */
final class ClusteredBody implements SessionBody {
  /** Functions whose every argument has fewer elements than this take few numbers. */
  private static final long FEW = 16;

  /** Tensors of fewer elements than this are cheaper without a cluster in such functions. */
  private static final long SMALL = 1 << 17;

  private static final String COLLECTIVE = "Collective";
  private static final Set<String> PACKING = Set.of("Reshape", "ConcatV2", "Pack");

  @Override
  public GraphDef graph(GraphFunction function) {
    GraphDef traced = SessionBody.TRACED.graph(function);
    Set<String> plain = packing(traced);
    if (takesFewNumbers(function)) {
      Set<String> large = large(function);
      traced.getNodeList().stream()
          .map(NodeDef::getName)
          .filter(name -> !large.contains(name))
          .forEach(plain::add);
    }
    if (plain.isEmpty()) return traced;
    GraphDef.Builder graph = traced.toBuilder();
    for (NodeDef.Builder node : graph.getNodeBuilderList()) {
      if (plain.contains(node.getName())) node.putAttr("_XlaCompile", Nodes.flag(false));
    }
    return graph.build();
  }

  /** Nodes that only put tensors together for a collective op. */
  private static Set<String> packing(GraphDef graph) {
    Map<String, NodeDef> nodes =
        graph.getNodeList().stream().collect(Collectors.toMap(NodeDef::getName, node -> node));
    Set<String> packing = new HashSet<>();
    Deque<NodeDef> open = new ArrayDeque<>();
    graph.getNodeList().stream()
        .filter(node -> node.getOp().startsWith(COLLECTIVE))
        .forEach(open::add);
    while (!open.isEmpty()) {
      for (NodeInput input : NodeInput.data(open.remove())) {
        NodeDef source = nodes.get(input.node());
        if (PACKING.contains(source.getOp()) && packing.add(source.getName())) open.add(source);
      }
    }
    return packing;
  }

  @Override
  public List<String> notes(GraphFunction function, int clusters) {
    if (clusters > 0) return List.of();
    return List.of(
        takesFewNumbers(function)
            ? "No XLA program, as chosen and not as a fallback: for fewer than %d tokens, calling one costs more than the nodes that it would replace. --path fused compiles them all."
                .formatted(FEW)
            : "No XLA program: TensorFlow found no nodes to cluster.");
  }

  @Override
  public String output(GraphFunction function, int position) {
    return SessionBody.TRACED.output(function, position);
  }

  private static boolean takesFewNumbers(GraphFunction function) {
    return !function.arguments().isEmpty()
        && function.arguments().stream()
            .allMatch(argument -> argument.spec().shape().elements() < FEW);
  }

  /** Nodes that take or give a large tensor. */
  private static Set<String> large(GraphFunction function) {
    Set<String> large = new HashSet<>();
    try (Graph graph = new Graph()) {
      graph.importGraphDef(function.graph());
      for (NodeDef node : function.graph().getNodeList()) {
        GraphOperation operation = graph.operation(node.getName());
        for (int i = 0; i < operation.numOutputs(); i++) {
          if (isLarge(operation.output(i))) large.add(node.getName());
        }
        for (int i = 0; i < operation.numInputs(); i++) {
          if (isLarge(operation.input(i))) large.add(node.getName());
        }
      }
    }
    return large;
  }

  private static boolean isLarge(Output<?> tensor) {
    return tensor.shape().hasUnknownDimension() || tensor.shape().size() >= SMALL;
  }
}
