package io.gemlab.graph.path.product;

import io.gemlab.graph.trace.GraphFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
   * What was found in a function.
   *
   * @param products outside its loops, by their nodes' names
   * @param loops in each of its loops' bodies
   */
  private record Level(Map<String, Found> products, List<Level> loops) {
    /**
     * @param traced the function as traced, of which TensorFlow knows all shapes
     * @param function the same, perhaps without some of its products
     */
    static Level of(GraphFunction traced, GraphFunction function) {
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
      return new Level(
          found, function.loops().stream().map(loop -> of(loop.body(), loop.body())).toList());
    }

    Stream<ProductShape> shapes() {
      return Stream.concat(
          products.values().stream().map(Found::shape), loops.stream().flatMap(Level::shapes));
    }
  }

  /**
   * Chooses for a function.
   *
   * @param traced the function as traced, of which TensorFlow knows all shapes
   * @param function the same, perhaps without some of its products
   */
  public static ChosenProducts in(GraphFunction traced, GraphFunction function, Products products) {
    Level found = Level.of(traced, function);
    Map<ProductShape, Integer> nodes = new LinkedHashMap<>();
    found.shapes().forEach(shape -> nodes.merge(shape, 1, Integer::sum));
    if (nodes.isEmpty()) return new ChosenProducts(function, ProductUse.NONE);
    Map<ProductShape, ProductKernel> choice = products.choose(nodes.keySet());
    List<ProductUse.Of> use = new ArrayList<>();
    nodes.forEach((shape, count) -> use.add(new ProductUse.Of(shape, choice.get(shape), count)));
    return new ChosenProducts(rewrite(function, found, choice), new ProductUse(use));
  }

  private static GraphFunction rewrite(
      GraphFunction function, Level found, Map<ProductShape, ProductKernel> choice) {
    GraphDef.Builder graph = function.graph().toBuilder().clearNode();
    for (NodeDef node : function.graph().getNodeList()) {
      Found product = found.products().get(node.getName());
      if (product == null) {
        graph.addNode(node);
      } else {
        graph.addAllNode(ProductNodes.of(node, product.rank(), choice.get(product.shape())));
      }
    }
    List<GraphFunction.Loop> loops = new ArrayList<>();
    for (int i = 0; i < function.loops().size(); i++) {
      GraphFunction.Loop loop = function.loops().get(i);
      loops.add(
          new GraphFunction.Loop(
              loop.node(),
              loop.tripCount(),
              loop.condition(),
              rewrite(loop.body(), found.loops().get(i), choice)));
    }
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
