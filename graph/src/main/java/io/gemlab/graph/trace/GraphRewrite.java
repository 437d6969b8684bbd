package io.gemlab.graph.trace;

import io.gemlab.ops.gradient.OwnGradient;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * What is done to every traced graph, once, whatever path will run it.
 *
 * <ul>
 *   <li>Markers that did their work while gradients were taken are taken out.
 *   <li>{@code BatchMatMulV3} becomes {@code BatchMatMulV2}: the same product, but only V2 has a
 *       oneDNN kernel (22 ms against 1.8 ms a product, docs/results/training-step.md).
 *   <li>Nodes that no output needs go.
 * </ul>
 */
final class GraphRewrite {
  private GraphRewrite() {}

  /**
   * @param outputs nodes to keep, with all they need
   * @param inputs placeholders to keep even where nothing needs them
   */
  static GraphDef finish(GraphDef graph, Collection<String> outputs, Collection<String> inputs) {
    Map<String, NodeDef> nodes = new HashMap<>();
    for (NodeDef node : graph.getNodeList()) nodes.put(node.getName(), node);

    Set<String> needed = new HashSet<>(inputs);
    Deque<String> pending = new ArrayDeque<>(outputs);
    Map<String, NodeDef> rewritten = new HashMap<>();
    while (!pending.isEmpty()) {
      String name = pending.pop();
      if (rewritten.containsKey(name)) continue;
      needed.add(name);
      NodeDef node = rewrite(nodes.get(name), nodes);
      rewritten.put(name, node);
      for (NodeInput input : NodeInput.of(node)) pending.push(input.node());
    }

    GraphDef.Builder finished = graph.toBuilder().clearNode();
    for (NodeDef node : graph.getNodeList()) {
      if (OwnGradient.isMarker(node.getOp(), node.getName())) OwnGradient.release(node.getName());
      if (needed.contains(node.getName())) {
        finished.addNode(rewritten.getOrDefault(node.getName(), node));
      }
    }
    return finished.build();
  }

  private static NodeDef rewrite(NodeDef node, Map<String, NodeDef> nodes) {
    NodeDef.Builder builder = node.toBuilder().clearInput();
    for (NodeInput input : NodeInput.of(node)) {
      builder.addInput(throughMarkers(input, nodes).toString());
    }
    return node.getOp().equals("BatchMatMulV3") ? productV2(builder) : builder.build();
  }

  /** The same product as an op that oneDNN has a kernel for; it has one type where V3 has three. */
  private static NodeDef productV2(NodeDef.Builder product) {
    AttrValue left = product.getAttrOrThrow("Ta");
    AttrValue out = product.getAttrOrThrow("Tout");
    if (!left.equals(product.getAttrOrThrow("Tb")) || !left.equals(out)) return product.build();
    return product
        .setOp("BatchMatMulV2")
        .putAttr("T", left)
        .removeAttr("Ta")
        .removeAttr("Tb")
        .removeAttr("Tout")
        .build();
  }

  /** Where an input really comes from: markers and gradient stops hand on what they got. */
  private static NodeInput throughMarkers(NodeInput input, Map<String, NodeDef> nodes) {
    if (input.control()) return input;
    NodeInput current = input;
    while (true) {
      NodeDef source = nodes.get(current.node());
      boolean marker = OwnGradient.isMarker(source.getOp(), source.getName());
      if (!marker && !source.getOp().equals("StopGradient")) return current;
      current = NodeInput.data(source).get(current.index());
    }
  }
}
