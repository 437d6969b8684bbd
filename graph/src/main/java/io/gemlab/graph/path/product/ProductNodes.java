package io.gemlab.graph.path.product;

import io.gemlab.graph.trace.MatmulFlops;
import io.gemlab.graph.trace.NodeInput;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The nodes that compute a product by a kernel, the last of them under the product's own name.
 *
 * <p>Those around the product carry its name as an attribute, which keeps grappler from merging
 * them with their like: an operand in float32 would otherwise live from the forward pass to the
 * backward pass. They are no part of XLA's clusters, so that what was timed is what runs.
 */
final class ProductNodes {
  private static final String OF = "_product";

  private final NodeDef product;
  private final int rank;
  private final boolean batched;
  private final List<NodeDef> nodes = new ArrayList<>();

  /**
   * @param rank dimensions of the operands
   */
  private ProductNodes(NodeDef product, int rank) {
    this.product = product;
    this.rank = rank;
    this.batched = MatmulFlops.isBatchedProduct(product.getOp());
  }

  /**
   * A product's nodes.
   *
   * @param kernel applies to the product
   * @param rank dimensions of the operands
   */
  static List<NodeDef> of(NodeDef product, int rank, ProductKernel kernel) {
    ProductNodes made = new ProductNodes(product, rank);
    switch (kernel) {
      case TENSORFLOW -> made.nodes.add(product);
      case TRANSPOSED -> made.transpose();
      case WIDENED -> made.widen();
    }
    return made.nodes;
  }

  private void transpose() {
    NodeDef.Builder plain = product.toBuilder();
    List<String> flags =
        batched ? List.of("adj_x", "adj_y") : List.of("transpose_a", "transpose_b");
    for (int operand = 0; operand < flags.size(); operand++) {
      if (!product.getAttrOrThrow(flags.get(operand)).getB()) continue;
      plain.setInput(operand, copy(operand));
      plain.putAttr(flags.get(operand), AttrValue.newBuilder().setB(false).build());
    }
    nodes.add(plain.build());
  }

  /**
   * An operand's matrices transposed. Grappler makes a product of a {@code Transpose} what it was
   * before; behind a {@code Snapshot}, which hands on memory that nobody else reads, it doesn't see
   * one. (Identities, {@code PreventGradient} among them, it takes out first.)
   */
  private String copy(int operand) {
    String name = product.getName() + "/transposed" + operand;
    AttrValue type = product.getAttrOrThrow("T");
    nodes.add(permutation(name + "/order"));
    nodes.add(
        beside("Transpose", name + "/copy")
            .addInput(product.getInput(operand))
            .addInput(name + "/order")
            .putAttr("T", type)
            .putAttr("Tperm", type(DataType.DT_INT32))
            .build());
    nodes.add(beside("Snapshot", name).addInput(name + "/copy").putAttr("T", type).build());
    return name;
  }

  /** Axes in their order, but for the last two. */
  private NodeDef permutation(String name) {
    TensorProto.Builder axes =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_INT32)
            .setTensorShape(
                TensorShapeProto.newBuilder()
                    .addDim(TensorShapeProto.Dim.newBuilder().setSize(rank)));
    IntStream.range(0, rank - 2).forEach(axes::addIntVal);
    axes.addIntVal(rank - 1).addIntVal(rank - 2);
    return beside("Const", name)
        .putAttr("dtype", type(DataType.DT_INT32))
        .putAttr("value", AttrValue.newBuilder().setTensor(axes).build())
        .build();
  }

  private void widen() {
    AttrValue narrow = product.getAttrOrThrow("T");
    String name = product.getName() + "/widened";
    NodeDef.Builder wide =
        product.toBuilder().setName(name).clearInput().putAttr("T", type(DataType.DT_FLOAT));
    int operands = 0;
    for (NodeInput input : NodeInput.of(product)) {
      if (input.control()) {
        wide.addInput(input.toString());
        continue;
      }
      String operand = name + "/operand" + operands++;
      nodes.add(cast(operand, input.toString(), narrow, type(DataType.DT_FLOAT)));
      wide.addInput(operand);
    }
    nodes.add(wide.build());
    nodes.add(cast(product.getName(), name, type(DataType.DT_FLOAT), narrow));
  }

  private NodeDef cast(String name, String input, AttrValue from, AttrValue to) {
    return beside("Cast", name).addInput(input).putAttr("SrcT", from).putAttr("DstT", to).build();
  }

  private NodeDef.Builder beside(String op, String name) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp(op)
        .putAttr(OF, AttrValue.newBuilder().setS(product.getNameBytes()).build())
        .putAttr("_XlaCompile", AttrValue.newBuilder().setB(false).build());
  }

  private static AttrValue type(DataType type) {
    return AttrValue.newBuilder().setType(type).build();
  }
}
