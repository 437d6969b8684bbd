package io.gemlab.graph.trace;

import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.NodeDef;

/**
 * The floating-point operations of a function's matrix products, as one call computes them.
 *
 * <p>Loops are multiplied out. A product of [m, k] and [k, n] counts 2 m n k, a multiplication and
 * an addition each; nothing else counts. What is computed is what counts: products that a gradient
 * computes again are in, and so are scores that a mask then hides. (A model's FLOPs, by which MFU
 * is told, leave both out: see the 6 N rule, 6 FLOPs a token and weight for forward and backward,
 * which this count equals where nothing is computed again, but for attention's own products.)
 */
public final class MatmulFlops {
  private static final Set<String> BATCHED =
      Set.of("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3");

  private MatmulFlops() {}

  /**
   * Counts them.
   *
   * @throws IllegalArgumentException if that is not known before running: a shape is unknown
   */
  public static long of(GraphFunction function) {
    long loops = 0;
    for (GraphFunction.Loop loop : function.loops()) {
      loops = Math.addExact(loops, Math.multiplyExact(loop.tripCount(), of(loop.body())));
    }
    return Math.addExact(loops, outsideLoops(function));
  }

  private static long outsideLoops(GraphFunction function) {
    try (Graph graph = new Graph()) {
      graph.importGraphDef(function.graph());
      long flops = 0;
      for (NodeDef node : function.graph().getNodeList()) {
        flops = Math.addExact(flops, flops(node, graph));
      }
      return flops;
    }
  }

  /** Whether a node is a matrix product of TensorFlow's. */
  public static boolean isProduct(NodeDef node) {
    return isBatchedProduct(node.getOp()) || node.getOp().equals("MatMul");
  }

  /** Whether an op of this name multiplies batches of matrices. */
  public static boolean isBatchedProduct(String op) {
    return BATCHED.contains(op);
  }

  private static long flops(NodeDef node, Graph graph) {
    if (node.getOp().equals("Einsum")) {
      throw new IllegalArgumentException(
          node.getName() + " is an Einsum, which is not counted; write it as a matrix product");
    }
    if (!isProduct(node)) return 0;
    boolean batched = isBatchedProduct(node.getOp());
    GraphOperation product = graph.operation(node.getName());
    Shape left = product.input(0).shape();
    Shape out = product.output(0).shape();
    if (left.hasUnknownDimension() || out.hasUnknownDimension()) {
      throw new IllegalArgumentException(
          node.getName() + " multiplies " + left + " to " + out + "; trace it with known shapes");
    }
    boolean turned = node.getAttrOrThrow(batched ? "adj_x" : "transpose_a").getB();
    long inner = left.get(turned ? -2 : -1);
    return Math.multiplyExact(2 * inner, out.size());
  }
}
