package io.gemlab.graph.path.product;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.runtime.Tensors;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/** Times kernels in a plain session, the only thing in its graph the product that a model has. */
final class SessionTimer implements ProductTimer {
  /** Timed calls of each kernel, after one that is not. */
  private static final int ROUNDS = 5;

  private static final double NANOS_A_MILLI = 1e6;
  private static final String LEFT = "left";
  private static final String RIGHT = "right";

  @Override
  public Map<ProductKernel, Double> time(ProductShape asked, List<ProductKernel> kernels) {
    ProductShape shape = asked.timed();
    TensorShape left = operand(shape, shape.leftTransposed(), shape.m(), shape.k());
    TensorShape right = operand(shape, shape.rightTransposed(), shape.k(), shape.n());
    Map<ProductKernel, Double> least = new EnumMap<>(ProductKernel.class);
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        Tensor a = Tensors.copy(HostTensor.zeros(shape.type(), left));
        Tensor b = Tensors.copy(HostTensor.zeros(shape.type(), right))) {
      graph.importGraphDef(graph(shape, left, right, kernels));
      for (int round = 0; round <= ROUNDS; round++) {
        for (ProductKernel kernel : kernels) {
          long start = System.nanoTime();
          session.runner().feed(LEFT, a).feed(RIGHT, b).addTarget(kernel.label()).run().close();
          double millis = (System.nanoTime() - start) / NANOS_A_MILLI;
          if (round > 0) least.merge(kernel, millis, Math::min);
        }
      }
    }
    return least;
  }

  private static TensorShape operand(
      ProductShape shape, boolean transposed, long rows, long columns) {
    long first = transposed ? columns : rows;
    long second = transposed ? rows : columns;
    return shape.batch() == 1
        ? TensorShape.of(first, second)
        : TensorShape.of(shape.batch(), first, second);
  }

  private static GraphDef graph(
      ProductShape shape, TensorShape left, TensorShape right, List<ProductKernel> kernels) {
    GraphDef.Builder graph =
        GraphDef.newBuilder()
            .addNode(placeholder(LEFT, shape, left))
            .addNode(placeholder(RIGHT, shape, right));
    boolean batched = left.rank() > 2;
    for (ProductKernel kernel : kernels) {
      NodeDef product =
          NodeDef.newBuilder()
              .setName(kernel.label())
              .setOp(batched ? "BatchMatMulV2" : "MatMul")
              .addInput(LEFT)
              .addInput(RIGHT)
              .putAttr("T", type(shape))
              .putAttr(batched ? "adj_x" : "transpose_a", flag(shape.leftTransposed()))
              .putAttr(batched ? "adj_y" : "transpose_b", flag(shape.rightTransposed()))
              .build();
      graph.addAllNode(ProductNodes.of(product, left.rank(), kernel));
    }
    return graph.build();
  }

  private static NodeDef placeholder(String name, ProductShape product, TensorShape shape) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("Placeholder")
        .putAttr("dtype", type(product))
        .putAttr("shape", Tensors.attribute(shape))
        .build();
  }

  private static AttrValue type(ProductShape product) {
    return AttrValue.newBuilder().setType(Tensors.dataType(product.type())).build();
  }

  private static AttrValue flag(boolean value) {
    return AttrValue.newBuilder().setB(value).build();
  }
}
