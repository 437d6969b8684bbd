package io.gemlab.graph.path.product;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.MatmulFlops;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.NodeDef;

/**
 * What the time of a matrix product depends on: [m, k] times [k, n], perhaps several of them.
 *
 * @param type of the operands and of the product
 * @param batch how many pairs of matrices; 1 for one
 * @param leftTransposed whether the left matrix lies as [k, m]
 * @param rightTransposed whether the right matrix lies as [n, k], as a layer's weights do
 */
public record ProductShape(
    ElementType type,
    long batch,
    long m,
    long k,
    long n,
    boolean leftTransposed,
    boolean rightTransposed) {
  private static final Set<ElementType> TYPES = Set.of(ElementType.F32, ElementType.BF16);

  /** A product of fewer FLOP takes so little that nothing is gained by a choice. */
  private static final long WORTHWHILE = 50_000_000;

  /** A product of more FLOP is timed by a part of it. */
  private static final long TIMED = 4_000_000_000L;

  /**
   * The shape of a node.
   *
   * @param graph has the node, under its name
   * @return empty where it is no product, or one without a choice: of an unknown shape, of other
   *     types, or of matrices that several others share
   */
  static Optional<ProductShape> of(NodeDef node, Graph graph) {
    if (!MatmulFlops.isProduct(node)) return Optional.empty();
    boolean batched = MatmulFlops.isBatchedProduct(node.getOp());
    GraphOperation product = graph.operation(node.getName());
    Shape left = product.input(0).shape();
    Shape right = product.input(1).shape();
    if (left.hasUnknownDimension() || right.hasUnknownDimension()) return Optional.empty();
    if (!node.containsAttr("T")) return Optional.empty();
    ElementType type = Tensors.elementType(node.getAttrOrThrow("T").getType());
    int matrix = left.numDimensions() - 2;
    if (!TYPES.contains(type)
        || right.numDimensions() != left.numDimensions()
        || !left.subShape(0, matrix).equals(right.subShape(0, matrix))) return Optional.empty();
    boolean leftTransposed = node.getAttrOrThrow(batched ? "adj_x" : "transpose_a").getB();
    boolean rightTransposed = node.getAttrOrThrow(batched ? "adj_y" : "transpose_b").getB();
    return Optional.of(
        new ProductShape(
            type,
            left.subShape(0, matrix).size(),
            left.get(leftTransposed ? -1 : -2),
            left.get(leftTransposed ? -2 : -1),
            right.get(rightTransposed ? -2 : -1),
            leftTransposed,
            rightTransposed));
  }

  /** Multiplications and additions. */
  long flops() {
    return 2 * batch * m * k * n;
  }

  /** Whether several kernels compute it, and which of them does could be felt. */
  boolean hasChoice() {
    return flops() >= WORTHWHILE && ProductKernel.candidates(this).size() > 1;
  }

  /** A product that takes milliseconds and is computed at the same rate. */
  ProductShape timed() {
    ProductShape part = this;
    while (part.flops() > TIMED) part = part.halved();
    return part;
  }

  private ProductShape halved() {
    if (batch > 1)
      return new ProductShape(type, batch / 2, m, k, n, leftTransposed, rightTransposed);
    long longest = Math.max(m, Math.max(k, n));
    return new ProductShape(
        type,
        batch,
        m == longest ? m / 2 : m,
        m < longest && k == longest ? k / 2 : k,
        m < longest && k < longest ? n / 2 : n,
        leftTransposed,
        rightTransposed);
  }

  /**
   * As files and reports have it: type, m x k x n, and for each matrix N as it is or T transposed,
   * as BLAS names them; {@code float32 2048x512x2048 NT}.
   */
  @Override
  public String toString() {
    return "%s %s%dx%dx%d %s%s"
        .formatted(
            type.label(),
            batch == 1 ? "" : batch + " of ",
            m,
            k,
            n,
            leftTransposed ? "T" : "N",
            rightTransposed ? "T" : "N");
  }
}
