package io.gemlab.graph.trace;

import io.gemlab.ops.gradient.OwnGradient;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
      for (String input : node.getInputList()) pending.push(nodeOf(input));
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
    for (String input : node.getInputList()) builder.addInput(throughMarkers(input, nodes));
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
  private static String throughMarkers(String input, Map<String, NodeDef> nodes) {
    if (input.startsWith("^")) return input;
    String current = input;
    while (true) {
      NodeDef source = nodes.get(nodeOf(current));
      boolean marker = OwnGradient.isMarker(source.getOp(), source.getName());
      if (!marker && !source.getOp().equals("StopGradient")) return current;
      List<String> data = dataInputs(source);
      current = data.get(indexOf(current));
    }
  }

  private static List<String> dataInputs(NodeDef node) {
    List<String> inputs = new ArrayList<>();
    for (String input : node.getInputList()) if (!input.startsWith("^")) inputs.add(input);
    return inputs;
  }

  /** The node that an input string names. */
  static String nodeOf(String input) {
    String name = input.startsWith("^") ? input.substring(1) : input;
    int colon = name.lastIndexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  /** Which output of that node it names. */
  static int indexOf(String input) {
    int colon = input.lastIndexOf(':');
    return colon < 0 ? 0 : Integer.parseInt(input.substring(colon + 1));
  }
}
