package io.gemlab.graph.path.product;

import io.gemlab.graph.trace.GraphFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.tensorflow.Graph;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * A function whose products are computed by the kernels chosen for them.
 *
 * @param function the function, loops included
 * @param use which kernels these are
 */
public record ChosenProducts(GraphFunction function, ProductUse use) {

  /**
   * @param rank dimensions of the operands
   */
  private record Found(ProductShape shape, int rank) {}

  /**
   * Chooses for a function.
   *
   * @param traced the function as traced, of which TensorFlow knows all shapes
   * @param function the same, perhaps without some of its products
   */
  public static ChosenProducts in(GraphFunction traced, GraphFunction function, Products products) {
    Set<ProductShape> shapes = new LinkedHashSet<>();
    collect(traced, function, shapes);
    if (shapes.isEmpty()) return new ChosenProducts(function, ProductUse.NONE);
    Map<ProductShape, ProductKernel> choice = products.choose(shapes);
    Map<ProductShape, Integer> nodes = new LinkedHashMap<>();
    GraphFunction rewritten = rewrite(traced, function, choice, nodes);
    List<ProductUse.Of> use = new ArrayList<>();
    nodes.forEach((shape, count) -> use.add(new ProductUse.Of(shape, choice.get(shape), count)));
    return new ChosenProducts(rewritten, new ProductUse(use));
  }

  private static void collect(
      GraphFunction traced, GraphFunction function, Set<ProductShape> shapes) {
    found(traced, function).values().forEach(product -> shapes.add(product.shape()));
    for (GraphFunction.Loop loop : function.loops()) collect(loop.body(), loop.body(), shapes);
  }

  /** The products of a function outside its loops, by their nodes' names. */
  private static Map<String, Found> found(GraphFunction traced, GraphFunction function) {
    Set<String> there =
        function.graph().getNodeList().stream().map(NodeDef::getName).collect(Collectors.toSet());
    Map<String, Found> found = new LinkedHashMap<>();
    try (Graph graph = new Graph()) {
      graph.importGraphDef(traced.graph());
      for (NodeDef node : traced.graph().getNodeList()) {
        if (!there.contains(node.getName())) continue;
        ProductShape.of(node, graph)
            .ifPresent(
                shape -> {
                  int rank = graph.operation(node.getName()).input(0).shape().numDimensions();
                  found.put(node.getName(), new Found(shape, rank));
                });
      }
    }
    return found;
  }

  private static GraphFunction rewrite(
      GraphFunction traced,
      GraphFunction function,
      Map<ProductShape, ProductKernel> choice,
      Map<ProductShape, Integer> nodes) {
    Map<String, Found> found = found(traced, function);
    GraphDef.Builder graph = function.graph().toBuilder().clearNode();
    for (NodeDef node : function.graph().getNodeList()) {
      Found product = found.get(node.getName());
      if (product == null) {
        graph.addNode(node);
        continue;
      }
      nodes.merge(product.shape(), 1, Integer::sum);
      graph.addAllNode(ProductNodes.of(node, product.rank(), choice.get(product.shape())));
    }
    List<GraphFunction.Loop> loops =
        function.loops().stream()
            .map(
                loop ->
                    new GraphFunction.Loop(
                        loop.node(),
                        loop.tripCount(),
                        loop.condition(),
                        rewrite(loop.body(), loop.body(), choice, nodes)))
            .toList();
    return new GraphFunction(
        function.name(),
        graph.build(),
        function.state(),
        function.arguments(),
        function.results(),
        function.updates(),
        loops,
        function.kernelPlaces());
  }
}
