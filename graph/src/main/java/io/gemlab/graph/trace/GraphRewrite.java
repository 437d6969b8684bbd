package io.gemlab.graph.trace;

import io.gemlab.graph.trace.GraphFunction.KernelPlace;
import io.gemlab.ops.Kernel;
import io.gemlab.ops.gradient.CustomGradient;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
 *   <li>Marks of kernels are taken out, and their places listed.
 *   <li>{@code BatchMatMulV3} becomes {@code BatchMatMulV2}: the same product, but only V2 has a
 *       oneDNN kernel (22 ms against 1.8 ms a product, docs/results/training-step.md).
 *   <li>Nodes that no output needs go.
 * </ul>
 */
final class GraphRewrite {
  private final GraphDef traced;
  private final Map<String, NodeDef> nodes;
  private final Set<String> needed;

  /**
   * @param outputs nodes to keep, with all they need
   * @param inputs placeholders to keep even where nothing needs them
   */
  GraphRewrite(GraphDef traced, Collection<String> outputs, Collection<String> inputs) {
    this.traced = traced;
    Map<String, NodeDef> before = new LinkedHashMap<>();
    for (NodeDef node : traced.getNodeList()) before.put(node.getName(), node);
    this.nodes = new LinkedHashMap<>();
    before.forEach((name, node) -> nodes.put(name, rewrite(node, before)));
    this.needed = new HashSet<>(inputs);
    needed.addAll(NeededNodes.of(nodes, outputs));
    for (NodeDef node : traced.getNodeList()) {
      if (CustomGradient.isMarker(node.getOp(), node.getName()))
        CustomGradient.release(node.getName());
    }
  }

  /** The graph with what its outputs need. */
  GraphDef graph() {
    GraphDef.Builder finished = traced.toBuilder().clearNode();
    nodes.values().stream()
        .filter(node -> needed.contains(node.getName()))
        .forEach(finished::addNode);
    return finished.build();
  }

  /** Where values were marked that the outputs need all of. */
  List<KernelPlace> kernelPlaces() {
    List<KernelPlace> places = new ArrayList<>();
    for (NodeDef node : nodes.values()) {
      Kernel.ofMark(node)
          .map(kernel -> place(kernel, node))
          .filter(place -> needed.containsAll(place.values()))
          .ifPresent(places::add);
    }
    return places;
  }

  private KernelPlace place(Kernel kernel, NodeDef mark) {
    List<NodeInput> inputs = NodeInput.of(mark);
    int values = Kernel.values(mark);
    List<NodeInput> operands = inputs.subList(values, inputs.size());
    List<NodeDef> feeding =
        NeededNodes.besides(needed, nodes, operands.stream().map(NodeInput::node).toList()).stream()
            .map(nodes::get)
            .toList();
    return new KernelPlace(
        kernel,
        inputs.subList(0, values).stream().map(NodeInput::node).toList(),
        mark.getName(),
        mark.getAttrOrThrow("T").getList().getType(values),
        operands,
        feeding);
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
      boolean marker = CustomGradient.isMarker(source.getOp(), source.getName());
      if (!marker && !source.getOp().equals("StopGradient")) return current;
      current = NodeInput.data(source).get(current.index());
    }
  }
}
